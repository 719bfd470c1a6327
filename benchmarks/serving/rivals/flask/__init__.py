"""The original's: Flask on its development server."""
