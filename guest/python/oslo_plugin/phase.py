"""Whether the plugin runs, or is being built: the component is a snapshot taken in between."""

running = False
