"""What the build puts around a plugin's own module. Authors need nothing of it."""
