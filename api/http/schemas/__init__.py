"""What requests and answers look like.

Answers are made by ``as_dict`` of the services' types, the one serialiser that the command line
uses too; the models here declare their shape for OpenAPI, and the tests hold every answer to it.
"""
