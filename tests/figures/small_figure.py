"""A small figure to try the machinery with, drawn from the small experiment."""

import matplotlib.pyplot as plt

from figures.paper_figure import PaperFigure


def draw(data):
    figure, ax = plt.subplots(figsize=(3, 2))
    small = data["small"]
    ax.plot(small["number"], small["square"], "o-")
    ax.set(xlabel="number", ylabel="square")
    return figure


def animate(data):
    frames = []
    for count in (1, 2, 3):
        figure, ax = plt.subplots(figsize=(3, 2))
        ax.plot(data["small"]["number"][:count], data["small"]["square"][:count], "o-")
        frames.append(figure)
    return frames


def broken(data):
    raise KeyError("nothing")


def figure(name="F1", draw="small_figure:draw", animate="", experiments=("small",)):
    return PaperFigure(
        id=name,
        section="small",
        title="Squares <of> numbers",
        caption="Dots are squares.",
        stated="Squares grow.",
        experiments=experiments,
        draw=draw,
        animate=animate,
    )
