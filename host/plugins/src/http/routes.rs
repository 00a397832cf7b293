//! Which plugin a path is for.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use oslo_messaging_wasmtime::Origin;
use parking_lot::RwLock;

use super::refusal::Refusal;

/// What answers requests: a version of a plugin.
///
/// Whoever has one keeps that version from being stopped.
pub(crate) trait Answers: Send + Sync {
    /// How large a body may be.
    fn most_bytes(&self) -> usize;

    /// How long it may take to come.
    fn time(&self) -> Duration;

    /// A body was too large.
    fn was_too_large(&self);

    /// The answer. Dropped, what has begun goes on.
    fn answer(
        self: Arc<Self>,
        request: Request<Bytes>,
        origin: Origin,
    ) -> BoxFuture<'static, Result<Response<Bytes>, Refusal>>;
}

type ByPath = BTreeMap<String, Vec<Arc<dyn Answers>>>;

/// All paths of a host. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Routes(Arc<RwLock<ByPath>>);

impl Routes {
    /// Sends requests of this path, and of those below it, there from now on. What they went to before has them
    /// again when this route ends: a new version may still fail to start.
    pub(crate) fn add(&self, path: &str, answers: &Arc<dyn Answers>) -> Route {
        let mut routes = self.0.write();
        let here = routes.entry(path.to_owned()).or_default();
        here.push(Arc::clone(answers));
        Route {
            routes: self.clone(),
            path: path.to_owned(),
            answers: Arc::downgrade(answers),
        }
    }

    /// Whom a path is for: of those that it is below of, the longest.
    pub(super) fn find(&self, path: &str) -> Option<Arc<dyn Answers>> {
        let routes = self.0.read();
        let find = |path: &str| routes.get(path)?.last().cloned();
        let above = path.rmatch_indices('/').map(|(slash, _)| match slash {
            0 => "/",
            slash => path.get(..slash).unwrap_or_default(),
        });
        std::iter::once(path).chain(above).find_map(find)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.read().is_empty()
    }
}

/// A path that goes somewhere. Dropped, it does not.
pub(crate) struct Route {
    routes: Routes,
    path: String,
    answers: Weak<dyn Answers>,
}

impl Drop for Route {
    fn drop(&mut self) {
        let mut routes = self.routes.0.write();
        let Some(here) = routes.get_mut(&self.path) else {
            return;
        };
        here.retain(|it| !std::ptr::addr_eq(Arc::as_ptr(it), Weak::as_ptr(&self.answers)));
        if here.is_empty() {
            routes.remove(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use oslo_messaging_policy::Policy;

    use super::*;

    struct Named(String);

    impl Answers for Named {
        fn most_bytes(&self) -> usize {
            self.0.len()
        }

        fn time(&self) -> Duration {
            Duration::ZERO
        }

        fn was_too_large(&self) {}

        fn answer(
            self: Arc<Self>,
            _: Request<Bytes>,
            _: Origin,
        ) -> BoxFuture<'static, Result<Response<Bytes>, Refusal>> {
            Box::pin(async move { Ok(Response::new(self.0.clone().into())) })
        }
    }

    fn named(name: &str) -> Arc<dyn Answers> {
        Arc::new(Named(name.to_owned()))
    }

    /// The name of whom a path is for.
    async fn found(routes: &Routes, path: &str) -> Option<String> {
        let found = routes.find(path)?;
        let answered = found.answer(Request::default(), Origin::default()).await;
        String::from_utf8(answered.unwrap().into_body().to_vec()).ok()
    }

    #[tokio::test]
    async fn the_longest_path_decides_as_the_policy_says() {
        let paths = ["/a", "/a/b", "/ab", "/a/b/c/d"];
        let mut policy = "[http]\nlisten = \"127.0.0.1:0\"\n".to_owned();
        let routes = Routes::default();
        let mut kept = Vec::new();
        for (number, path) in paths.iter().enumerate() {
            policy += &format!(
                "[plugins.p{number}]\ncomponent = \"p\"\n[[plugins.p{number}.on]]\nhttp = {{ path = \"{path}\" }}\n"
            );
            kept.push(routes.add(path, &named(&format!("p{number}"))));
        }
        for whole in [false, true] {
            if whole {
                policy += "[plugins.all]\ncomponent = \"p\"\n[[plugins.all.on]]\nhttp = { path = \"/\" }\n";
                kept.push(routes.add("/", &named("all")));
            }
            let policy = Policy::parse("plugins.toml", &policy).unwrap();
            for path in [
                "/",
                "/a",
                "/a/",
                "/a/b",
                "/a/b/",
                "/a/bc",
                "/ab",
                "/abc",
                "/ab/c",
                "/a/b/c",
                "/a/b/c/d",
                "/a/b/c/de",
                "//",
                "//a",
                "/a//b",
                "*",
            ] {
                let told = policy.plugin_of_path(path).map(|it| it.name().to_owned());
                assert_eq!(found(&routes, path).await, told, "{path}");
            }
        }
        drop(kept);
        assert!(routes.is_empty());
    }

    #[tokio::test]
    async fn a_route_that_ends_gives_its_path_back() {
        let routes = Routes::default();
        let [old, new] = ["old", "new"].map(named);
        let first = routes.add("/a", &old);
        let second = routes.add("/a", &new);
        assert_eq!(found(&routes, "/a").await.as_deref(), Some("new"));
        drop(second);
        assert_eq!(found(&routes, "/a").await.as_deref(), Some("old"));
        let second = routes.add("/a", &new);
        drop(first);
        assert_eq!(found(&routes, "/a").await.as_deref(), Some("new"));
        drop(second);
        assert_eq!(found(&routes, "/a").await, None);
    }
}
