"""The archive in a browser: configuration and plugins for Datasette."""
