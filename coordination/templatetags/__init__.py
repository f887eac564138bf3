"""What templates may ask of the desk."""
