"""What the build puts around a plugin's own module, to make a component. Authors need nothing of it."""
