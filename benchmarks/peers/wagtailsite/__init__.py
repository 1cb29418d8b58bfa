"""An ordinary Wagtail site with our content: page types, rich text and inline panels, as its tutorial makes them."""
