"""A plain Django site with our content: ordinary models, a view that prefetches, Django's templates, Markdown."""
