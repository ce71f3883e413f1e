"""The first bytes of a file, which tell what it is."""

from pathlib import Path

from nital.core.errors import InputError

__all__ = ["file_head"]


def file_head(path: Path, wanted: str) -> bytes:
    """The first 64 bytes (fewer if there are no more) of a file that can be read and is not empty.

    Args:
        wanted: what the file should be, for the message, such as "a table".

    Raises:
        InputError: there is no such file, or it is a folder, unreadable or empty.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder, not {wanted}. Name a file in it.")
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist. Check the name and the folder.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}. Check that you may open it.") from error
    if not head:
        raise InputError(f"{path} is empty (0 bytes). Copy it again from where it came from.")
    return head
