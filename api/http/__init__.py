"""The service over HTTP: ``/api/v1``, its documents, its health and its metrics.

``app.create_app(services)`` composes it; ``server`` runs it; ``routes`` say what can be asked.
"""
