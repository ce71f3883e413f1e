from typing import Literal

from torch import Tensor, nn

# The shortest signatures that fit what nital asks for: one tensor in, one tensor out.
class LayerGradCam:
    def __init__(self, forward_func: nn.Module, layer: nn.Module) -> None: ...
    def attribute(self, inputs: Tensor, target: Tensor, *, relu_attributions: bool = False) -> Tensor: ...

class IntegratedGradients:
    def __init__(self, forward_func: nn.Module) -> None: ...
    def attribute(
        self,
        inputs: Tensor,
        baselines: Tensor,
        *,
        target: Tensor,
        n_steps: int = 50,
        method: str = "gausslegendre",
        internal_batch_size: int | None = None,
        return_convergence_delta: Literal[True],
    ) -> tuple[Tensor, Tensor]: ...

class Occlusion:
    def __init__(self, forward_func: nn.Module) -> None: ...
    def attribute(
        self,
        inputs: Tensor,
        sliding_window_shapes: tuple[int, ...],
        strides: tuple[int, ...],
        *,
        baselines: Tensor,
        target: Tensor,
        perturbations_per_eval: int = 1,
    ) -> Tensor: ...
