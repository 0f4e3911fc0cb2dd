"""Options that the commands about people share."""

from pathlib import Path

import click

PATH = click.Path(path_type=Path)

profiles_option = click.option(
    "--profiles", "people", type=PATH, metavar="PEOPLE",
    help="Everybody: .jsonl, .yaml or .csv, one profile a row.")
programme_option = click.option(
    "--programme", default="evergreen", show_default=True, metavar="P",
    help="Whose rules count: an id of the library, or a YAML file.")
pairs_option = click.option(
    "--pairs", type=PATH, metavar="FILE",
    help="Pairs so far: CSV of mentee,mentor,status (active or ended).")
feedback_option = click.option(
    "--feedback", type=PATH, metavar="FILE",
    help="What people made of suggestions: CSV of profile_id,candidate_id,verdict "
         "(not_interested, met, worked_well or undo), oldest first.")
skip_option = click.option(
    "--skip-bad", is_flag=True,
    help="Go on without people whose row cannot be read, naming each.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
as_option = click.option(
    "--as", "role", type=click.Choice(["mentee", "mentor"]), default=None,
    help="Which side the person is on; by default the one their roles say, mentee first.")
vectors_option = click.option(
    "--vectors", type=PATH, metavar="FILE",
    help="Keep the phrases' vectors here, so that a next run encodes only new ones, also after "
         "Ctrl-C. They are made from what people wrote: keep the file as safe as their profiles.")
seed_option = click.option("--seed", default="", help="Draws the lots between equals.")
left_option = click.option(
    "--unmatched-out", "left_file", type=PATH, metavar="FILE",
    help="Write the profiles of those left over here (.jsonl, .yaml or .csv), for the next "
         "cohort.")
