"""What every work stands on: types, errors, settings, files and the loop. It knows no scene."""
