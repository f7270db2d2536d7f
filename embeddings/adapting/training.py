"""Contrastive training on pairs, by sentence-transformers' own trainer. Needs the extra ``models``.

In-batch negatives (MultipleNegativesRankingLoss, Henderson et al. 2017) at temperature 0.03; every
other batch is of short texts, whose vectors are pulled to those of the model as it was (learning
without forgetting, Li and Hoiem 2016). The embedding tables stay as they are, so that words that
the pairs do not have move with those that they have, and the exported model keeps its word table.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from embeddings.adapting.columns import Prefixes, pairs_data, short_data
from embeddings.adapting.pairs import Pair
from graph_service.errors import EmbedderError, ModelMissingError
from graph_service.ports import Floats

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    Attributes:
        steps: the most batches of pairs, each followed by one of short texts.
        batch: pairs in a batch.
        rate: learning rate at its height, after a tenth of the steps; falls to 0 at the end.
        temperature: of the contrastive loss.
        guard: weight of the loss that keeps short texts in place.
        negatives: mined negatives beside each pair, besides those in the batch; 0 for none.
        seed: of everything that is drawn.
        tokens: longest text while training; 96 are about 145 characters of Chinese, and a step
            takes half as long as with 160.
    """

    steps: int = 259
    batch: int = 32
    rate: float = 2e-5
    temperature: float = 0.03
    guard: float = 20.0
    negatives: int = 0
    seed: int = 1
    tokens: int = 96

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def train(
    model: "SentenceTransformer",
    batches: Sequence[Sequence[Pair]],
    short: Sequence[str],
    recipe: Recipe,
    prefixes: Prefixes,
    *,
    step: Callable[[float], None],
) -> None:
    """Train a model in place.

    Args:
        model: float32, on the device to train on, ``frozen``; its length limit is as before
            afterwards.
        batches: of ``recipe.batch`` pairs each, gone through once, in order.
        short: texts whose vectors as queries are to stay.
        recipe: how.
        prefixes: of the model.
        step: called after each step with its loss; may raise to break off: the model is then to
            be thrown away.

    Raises:
        EmbedderError: the loss is no number any more.
    """
    from sentence_transformers import SentenceTransformerTrainer
    from transformers.trainer_callback import PrinterCallback

    torch, losses = _torch(), _losses()
    limit, model.max_seq_length = model.max_seq_length, recipe.tokens
    data = {"pairs": pairs_data(model, batches, recipe.negatives, prefixes)}
    model.model_card_data.generate_widget_examples = False
    loss = {"pairs": losses.MultipleNegativesRankingLoss(model, scale=1 / recipe.temperature)}
    if len(short) >= recipe.batch:
        data["short"] = short_data(model, short, len(batches) * recipe.batch, prefixes)
        loss["short"] = _staying(torch, model, recipe.guard)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            trainer = SentenceTransformerTrainer(
                model=model,
                args=_arguments(
                    scratch,
                    recipe,
                    str(model.device),
                    steps_of(len(batches), len(short), recipe),
                ),
                train_dataset=data,
                loss=loss,
                callbacks=[_telling(step)],
            )
            trainer.remove_callback(PrinterCallback)  # standard output is for the answer
            trainer.train()
    finally:
        model.max_seq_length = limit


def steps_of(batches: int, short: int, recipe: Recipe) -> int:
    """How many steps ``train`` takes over so many batches and short texts."""
    return 2 * min(batches, short // recipe.batch) if short >= recipe.batch else batches


def device_of(asked: Device) -> str:
    """The device to train on.

    Raises:
        ModelMissingError: torch is not installed.
        EmbedderError: "cuda" is asked for and there is none.
    """
    torch = _torch()
    there = bool(torch.cuda.is_available())
    if asked == "cuda" and not there:
        raise EmbedderError(
            "这台机器上没有可用的 GPU（CUDA）。",
            hint="请改用 CPU（device 为 cpu），或换一台机器运行。",
        )
    return "cuda" if there and asked != "cpu" else "cpu"


def set_threads(threads: int) -> None:
    """Torch's threads for the whole process; 0 leaves them as they are."""
    if threads:
        _torch().set_num_threads(threads)


def freeze(model: "SentenceTransformer") -> None:
    """Keep the tables of words, places and kinds with their norm (of another build than BERT's,
    the words alone) as they are."""
    transformer = _transformer(model)
    tables = getattr(transformer, "embeddings", None) or transformer.get_input_embeddings()
    for parameter in tables.parameters():
        parameter.requires_grad_(False)


def weights_of(model: "SentenceTransformer") -> dict[str, Floats]:
    """Those weights of a model's transformer that are trained, by name, in the processor's memory;
    a copy."""
    return {
        name: parameter.detach().to("cpu").numpy().copy()
        for name, parameter in _transformer(model).named_parameters()
        if parameter.requires_grad
    }


def set_weights(model: "SentenceTransformer", weights: Mapping[str, Floats]) -> None:
    """Give a model's transformer weights of ``weights_of``."""
    torch = _torch()
    _transformer(model).load_state_dict(
        {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in weights.items()},
        strict=False,
    )


def versions() -> dict[str, str]:
    """Versions of what trains."""
    from importlib.metadata import version

    return {name: version(name) for name in ("sentence-transformers", "transformers", "torch")}


@contextmanager
def calm() -> Iterator[None]:
    """What trains and loads prints bars of its own; whoever waits is told by progress alone."""
    import datasets  # type: ignore[import-untyped]
    from transformers.utils import logging as library

    told: Any = library
    before, bars = told.get_verbosity(), datasets.are_progress_bars_disabled()
    shown = told.is_progress_bar_enabled()
    told.set_verbosity(logging.ERROR)
    told.disable_progress_bar()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        told.set_verbosity(before)
        if shown:
            told.enable_progress_bar()
        if not bars:
            datasets.enable_progress_bars()


def needed() -> ModelMissingError:
    """The error of an installation without the extra."""
    return ModelMissingError(
        "训练模型需要 sentence-transformers 与 torch，尚未安装。",
        hint="请安装 models 附加组件：pip install 'jiebang[models]'；"
        "作为任务做时，装在执行任务的那台机器上即可。",
    )


# -- within ----------------------------------------------------------------------------------------


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise needed() from error
    return torch


def _losses() -> Any:
    try:
        from sentence_transformers.sentence_transformer import losses
    except ImportError as error:
        raise needed() from error
    return losses


def _transformer(model: "SentenceTransformer") -> Any:
    return model[0].auto_model


def _staying(torch: Any, model: "SentenceTransformer", weight: float) -> Any:
    """The loss of short texts: how far their vectors have gone, in cosine."""

    class Staying(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, features: Any, labels: Any) -> Any:
            made = self.model(features[0])["sentence_embedding"]
            made = torch.nn.functional.normalize(made, dim=1)
            return weight * (1 - (made * labels).sum(1)).mean()

    return Staying()


def _arguments(scratch: str, recipe: Recipe, device: str, steps: int) -> Any:
    from sentence_transformers import SentenceTransformerTrainingArguments
    from sentence_transformers.base.sampler import DefaultBatchSampler
    from torch.utils.data import SequentialSampler

    class InOrder(DefaultBatchSampler):
        """Batches as they were put together."""

        def __init__(self, dataset: Any, **how: Any) -> None:
            super().__init__(SequentialSampler(dataset), **how)

    return SentenceTransformerTrainingArguments(
        output_dir=str(Path(scratch)),
        num_train_epochs=1,
        per_device_train_batch_size=recipe.batch,
        learning_rate=recipe.rate,
        warmup_steps=steps // 10,
        seed=recipe.seed,
        batch_sampler=InOrder,
        multi_dataset_batch_sampler="round_robin",
        dataloader_drop_last=True,
        use_cpu=device == "cpu",
        save_strategy="no",
        eval_strategy="no",
        logging_strategy="steps",
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
    )


def _telling(step: Callable[[float], None]) -> Any:
    from transformers import TrainerCallback

    class Telling(TrainerCallback):
        def on_log(self, *told: Any, logs: Any = None, **_: Any) -> None:
            if logs and "loss" in logs:
                loss = float(logs["loss"])
                if not np.isfinite(loss):
                    reached = told[1].global_step
                    raise EmbedderError(
                        f"训练到第 {reached} 步时损失不再是数。",
                        hint="请换一个种子（seed）再试。",
                        step=reached,
                    )
                step(loss)

    return Telling()
