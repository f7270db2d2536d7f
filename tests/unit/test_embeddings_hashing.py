"""The hashing embedder ranks by shared words."""

import numpy as np

from embeddings.hashing import HashingEmbedder


def test_texts_that_share_words_are_nearer() -> None:
    embedder = HashingEmbedder()
    query = embedder.embed_queries(["铝合金压铸件热处理"])
    documents = embedder.embed_documents(
        ["压铸铝合金零件的热处理工艺", "铝合金门窗", "儿童绘本出版与发行"]
    )
    assert (query @ documents.T)[0].argsort()[::-1].tolist() == [0, 1, 2]


def test_vectors_are_the_same_on_every_machine() -> None:
    vector = HashingEmbedder(8).embed_documents(["泵"])
    assert np.flatnonzero(vector).size == 1
    assert HashingEmbedder(8).embed_documents(["泵", "。"])[0].tolist() == vector[0].tolist()
