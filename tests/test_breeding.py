"""A creature is a name: what follows from it is the same for ever, and a wall that breeds stays many families."""

import numpy as np
import pytest

from narcissus.breeding.crossing import LEAST, MOST, a_mask, crossed, immigrant, mutated
from narcissus.breeding.genome import BELOW, MOST_FOUNDERS, SIDE, Genome
from narcissus.breeding.names import Chance, named
from narcissus.breeding.population import IMMIGRANTS, Population, child, kinship, newcomer, shares_of


def test_a_name_is_two_parents_and_one_integer():
    names = {named(mother, father, number) for mother in "ab" for father in "ab" for number in range(500)}
    assert len(names) == 2000
    assert named("a", "b", 7) == named("a", "b", 7)
    assert named("a", "b", 7) != named("b", "a", 7)
    assert all(len(name) == 13 and name.replace("-", "").isalpha() for name in names)


def test_what_chance_decides_is_written_down():
    """Recorded once: no other machine, and no later numpy, may say anything else."""
    assert named("", "", 0) == "nagije-gizebo"
    chance = Chance("nagije-gizebo", "crossing")
    assert [chance.below(1000) for _ in range(6)] == [184, 139, 752, 302, 469, 902]
    np.testing.assert_array_equal(
        Chance("#7", "latent").normals(4),
        np.float32([-1.0150146484375, -1.64227294921875, -0.3068389892578125, 0.745941162109375]),
    )


def test_the_founders_latents_are_normal():
    numbers = Chance("#1", "latent").normals(20_000)
    assert abs(numbers.mean()) < 0.03
    assert abs(numbers.std() - 1) < 0.02
    assert numbers.dtype == np.float32
    assert 0.65 < np.mean(np.abs(numbers) < 1) < 0.71


def test_all_numbers_below_a_limit_are_as_likely():
    chance = Chance("a", "b")
    counts = np.bincount([chance.below(7) for _ in range(7000)], minlength=7)
    assert len(counts) == 7
    assert counts.min() > 850


@pytest.mark.parametrize("seed", range(40))
def test_both_parents_are_to_be_seen_in_a_mask(seed):
    assert LEAST <= np.count_nonzero(a_mask(Chance(str(seed), "mask"))) <= MOST


def test_most_masks_leave_left_and_right_alike():
    masks = [a_mask(Chance(str(seed), "mask")) for seed in range(300)]
    alike = [np.array_equal(mask, mask[:, ::-1]) for mask in masks]
    assert 0.75 < np.mean(alike) < 1


def test_a_child_has_nothing_that_its_parents_have_not():
    mother, father = immigrant(1), immigrant(2)
    for integer in range(60):
        genome = crossed(mother, father, named("a", "b", integer))
        assert set(genome.founders) <= {"#1", "#2"}
        assert genome.alleles[0].max() < len(genome.founders)
        fine = genome.alleles[1:]
        assert ((fine == BELOW) | (fine == genome.alleles[0])).all()


def test_a_child_of_two_has_cells_of_both():
    shares = [crossed(immigrant(1), immigrant(2), str(integer)).shares() for integer in range(60)]
    assert all(len(share) == 2 and share.min() >= 0.2 for share in shares)


def test_the_same_name_has_the_same_genome_and_another_one_another():
    mother, father = immigrant(1), immigrant(2)
    assert crossed(mother, father, "x").to_bytes() == crossed(mother, father, "x").to_bytes()
    assert len({crossed(mother, father, str(n)).to_bytes() for n in range(40)}) > 25


def test_mutation_moves_cells_and_healing_puts_them_back():
    whole = Genome.of("#1").sources
    changed = [mutated(whole, Chance(str(seed), "body")) for seed in range(200)]
    moved = np.mean([not np.array_equal(one, whole) for one in changed])
    assert 0.15 < moved < 0.75
    broken = whole[::-1].copy()
    healed = [np.array_equal(mutated(broken, Chance(str(seed), "body")), whole) for seed in range(200)]
    assert 0 < np.mean(healed) < 0.5
    assert all(one.max() < SIDE * SIDE and one.shape == (SIDE, SIDE) for one in changed)


def test_of_too_many_founders_the_smallest_give_way():
    mother = immigrant(0)
    for number in range(1, 40):
        mother = crossed(mother, immigrant(number), f"line {number}")
        assert len(mother.founders) <= MOST_FOUNDERS
        assert np.isclose(mother.shares().sum(), 1)
        assert mother.shares().min() > 0


def test_a_wall_goes_the_same_way_again_and_another_seed_another_way():
    one, other, third = Population.new(12, 1), Population.new(12, 1), Population.new(12, 2)
    for _ in range(30):
        births = one.next(), other.next(), third.next()
        assert births[0].being.name == births[1].being.name != births[2].being.name
        for population, birth in zip((one, other, third), births, strict=True):
            population.take(birth)


def test_a_wall_taken_up_again_goes_on_where_it_was():
    one = Population.new(12, 1)
    for _ in range(100):
        one.take(one.next())
    again = Population.resumed(dict(enumerate(one.beings)), 12, 1)
    for _ in range(100):
        birth, same = one.next(), again.next()
        assert (birth.being.name, birth.cell, birth.parents) == (same.being.name, same.cell, same.parents)
        one.take(birth)
        again.take(same)


def test_an_empty_cell_is_filled_by_a_newcomer():
    one = Population.new(12, 1)
    alive = {cell: being for cell, being in enumerate(one.beings) if cell != 5}
    again = Population.resumed(alive, 12, 1)
    assert again.beings[5].mother == ""
    assert again.count == one.count + 1
    assert len({being.name for being in again.beings}) == 12


def test_nobody_dies_who_is_a_parent_now_or_was_just_born():
    population, newest = Population.new(24, 0), []
    for _ in range(200):
        birth = population.next()
        assert birth.cell not in birth.parents
        assert len(set(birth.parents)) == len(birth.parents)
        assert birth.cell not in newest[-11:]
        newest.append(birth.cell)
        population.take(birth)


def test_one_birth_in_ten_is_an_immigrants():
    population = Population.new(12, 0)
    strangers = 0
    for _ in range(1000):
        birth = population.next()
        strangers += not birth.parents
        population.take(birth)
    assert 0.7 < strangers * IMMIGRANTS / 1000 < 1.3


def test_the_wall_does_not_become_one_family():
    population = Population.new(48, 0)
    for _ in range(3000):
        population.take(population.next())
    shares = [shares_of(being.genome) for being in population.beings]
    pairs = [kinship(a, b) for a in shares for b in shares if a is not b]
    assert np.mean(pairs) < 0.15
    assert len({founder for being in population.beings for founder in being.genome.founders}) > 20


def test_kinship_is_of_brothers_more_than_of_strangers():
    parents = newcomer(0, 1), newcomer(0, 2)
    brothers = [shares_of(child(*parents, number).genome) for number in (3, 4)]
    assert kinship(*brothers) > 0.4
    assert kinship(brothers[0], shares_of(newcomer(0, 9).genome)) == 0
