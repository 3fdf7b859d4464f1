"""Which lanes can be collapsed into one, and in which order they stand then."""

from zmqlab.view.groups import MANY, Group, collapsed, groups, in_order

WORKERS = [f"worker-{n:03}" for n in range(MANY)]


def test_few_lanes_of_one_process_are_no_group():
    assert groups(WORKERS, ()) == []


def test_many_lanes_whose_names_differ_in_a_number_are_one():
    assert groups(["broker", *WORKERS], ()) == [Group("worker-*", WORKERS)]


def test_the_recorder_numbers_those_of_one_name():
    lanes = ["customer", *(f"customer {n}" for n in range(2, MANY + 2))]
    assert groups(lanes, ()) == [Group("customer *", lanes)]


def test_two_of_like_names_are_not_many():
    assert groups([*WORKERS, "clerk 1", "clerk 2"], ()) == [Group("worker-*", WORKERS)]


def test_the_lanes_of_a_process_are_a_group_and_one_alone_is_none():
    lanes = ["shop", "shop/clerk", "broker", "other/thread"]
    assert groups(lanes, ["shop", "broker"]) == [Group("shop", ["shop", "shop/clerk"])]


def test_a_process_of_many_threads_has_groups_in_it():
    threads = [f"shop 2/worker-{n}" for n in range(MANY)]
    found = groups(["broker", "shop 2", *threads], ["broker", "shop 2"])
    assert found == [Group("shop 2", ["shop 2", *threads]), Group("shop 2/worker-*", threads)]


def test_many_like_processes_are_a_group_of_groups():
    names = [f"worker-{n}" for n in range(MANY + 1)]
    lanes = [lane for name in names for lane in (name, f"{name}/io")]
    found = groups(lanes, names)
    assert found[0] == Group("worker-*", lanes)
    assert found[1:] == [Group(name, [name, f"{name}/io"]) for name in names]


def test_those_of_a_group_stand_together_where_its_first_one_stands():
    lanes = ["shop/client", "broker", "other", "shop", "broker/io"]
    found = groups(lanes, ["shop", "broker"])
    assert in_order(lanes, found) == ["shop/client", "shop", "broker", "broker/io", "other"]
    assert in_order(lanes, []) == lanes


def test_a_drawing_with_little_room_has_a_lane_for_each_outer_group():
    threads = [f"shop/worker-{n}" for n in range(MANY)]
    lanes = ["broker", "shop", *threads]
    found = groups(lanes, ["broker", "shop"])
    assert set(collapsed(lanes, found, 12).values()) == {"broker", f"shop ({MANY + 1})"}
    assert collapsed(lanes, found, len(lanes)) == {lane: lane for lane in lanes}
