"""What a reader sees of a drawn figure: its words, and whether they overlap or are cut off."""

import itertools

from helpers.pictures import drawn


def figure_of(result):
    """The figure of a result, drawn, so that extents are known."""
    figure = drawn(result)
    figure.canvas.draw()
    return figure


def axes_of(result):
    """The first axes of that figure."""
    return figure_of(result).axes[0]


def texts_in(*axes):
    """The texts that stand in these axes."""
    return [text.get_text() for ax in axes for text in ax.texts]


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def all_texts(ax):
    """All pieces of text of axes that are not empty: inside, titles, labels, ticks and legend."""
    legend = ax.get_legend().get_texts() if ax.get_legend() else []
    titles = ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label
    return [t for t in (*ax.texts, *titles, *ax.get_yticklabels(), *legend) if t.get_text()]


def assert_apart(*shared_objects):
    """No two of these overlap."""
    boxes = [(shared, shared.get_window_extent()) for shared in shared_objects]
    for (one, box), (two, other) in itertools.combinations(boxes, 2):
        assert not box.overlaps(other), f"{one} and {two}"


def assert_inside(figure, *shared_objects):
    """None of these is cut off."""
    whole = figure.bbox
    for shared in shared_objects:
        box = shared.get_window_extent()
        assert whole.x0 <= box.x0 and box.x1 <= whole.x1, shared
        assert whole.y0 <= box.y0 and box.y1 <= whole.y1, shared


def assert_titles_whole(figure):
    """No title, name of an axis, word or legend is cut off, and nothing overlaps a title."""
    words, titles = [], [text for text in figure.texts if text.get_text()]
    for ax in figure.axes:
        ticks = {*ax.get_yticklabels()}  # also of values that are out of sight
        mine = [text for text in all_texts(ax) if text not in ticks]
        titles += [text for text in mine if text in (ax.title, ax._left_title)]
        words += mine
    assert_inside(figure, *words, *titles)
    for title in titles:
        for other in {*words, *titles} - {title}:
            assert_apart(title, other)
