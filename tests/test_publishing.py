def test_world(world):
    assert world.page("bell").live
