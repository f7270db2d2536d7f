"""Speed on stores of 10,000 to 1,000,000 documents, beside the usual libraries."""
