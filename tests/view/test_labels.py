"""Words find a place of their own, and long ones are cut so that they can still be told apart."""

from hypothesis import given
from hypothesis import strategies as st

from zmqlab.view.labels import Places, cut, width


def test_a_text_that_fits_stays_whole():
    assert cut("alice", 100) == "alice"


def test_a_long_text_keeps_its_beginning_and_its_end():
    short = cut("the-worker-number-12", 80)
    assert short.startswith("the-")
    assert short.endswith("-12")
    assert width(short) <= 80


@given(st.text(min_size=2, max_size=60), st.floats(20, 200), st.booleans())
def test_what_is_cut_fits(text, room, bold):
    shown = cut(text, room, 12, bold)
    assert width(shown, 12, bold) <= room or len(shown) == 2


def test_letters_of_double_width_and_those_that_add_none():
    assert width("経") > width("a") > width("i")
    assert width("e\u0301") == width("e")


def test_the_first_of_several_free_spots_wins_unless_another_covers_less():
    places = Places(0, 800)
    assert places.find("word", [(100, 50), (300, 50)], 0, 100) == (100, 50)
    places.avoid((95, 70, 200, 90))
    assert places.find("word", [(100, 80), (300, 80)], 0, 100) == (300, 80)
    places.cross((500, 0), (530, 100))
    assert places.find("word", [(500, 50), (600, 50)], 0, 100) == (600, 50)


def test_a_word_that_finds_its_spots_taken_stands_nearby():
    places = Places(0, 800)
    spots = [places.find("word", [(100, 50)], 10, 90) for _ in range(12)]
    assert len(set(spots)) == 12
    assert spots[0] == (100, 50)
    assert all(10 <= y <= 90 for _, y in spots)
    assert all(0 <= x <= 800 - width("word") for x, _ in spots)
