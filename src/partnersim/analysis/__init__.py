"""Tables computed from plain pandas frames; nothing here knows a RunSet or draws a picture."""
