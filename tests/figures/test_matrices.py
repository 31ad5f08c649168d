import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from figures.matrices import draw_matrix, write_entries


def test_entries_are_written_where_they_stand_white_on_dark_cells():
    ax = Figure().subplots()
    write_entries(draw_matrix(ax, [[1.0, -0.004], [0.25, -2.0]], 2.0), least=0.002)
    written = {one.get_position(): (one.get_text(), to_hex(one.get_color())) for one in ax.texts}
    black, white = "#000000", "#ffffff"
    assert written == {
        (0, 0): ("1.00", black),
        (1, 0): ("0.00", black),
        (0, 1): ("0.25", black),
        (1, 1): ("−2.00", white),
    }


def test_small_entries_are_left_out_and_colours_reach_as_far_below_zero_as_above():
    ax = Figure().subplots()
    image = draw_matrix(ax, np.array([[0.5, 0.001]]))
    write_entries(image, least=0.01)
    assert [one.get_text() for one in ax.texts] == ["0.50"]
    assert image.get_clim() == (-1.0, 1.0)
