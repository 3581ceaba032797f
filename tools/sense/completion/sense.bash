# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion for sense. Options are read from "sense SUBCOMMAND --help", so that this file knows
# nothing that could grow stale; devices from "sense list".

_sense_options()
{
	sense "$1" --help 2>/dev/null | sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p'
}

_sense_devices()
{
	sense list 2>/dev/null | sed 1d | cut -f 1
}

_sense_channels()
{
	cat /sys/bus/iio/devices/*/in_*_label 2>/dev/null
}

_sense()
{
	local cur prev words cword sub
	_init_completion -n , || return

	if [ "$cword" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(sense help 2>/dev/null |
			sed -n 's/^  \([a-z-]*\) .*/\1/p') --help --version" -- "$cur")
		return
	fi
	sub=${words[1]}
	case $prev in
	-o | --output | --config)
		_filedir
		return ;;
	--directory)
		_filedir -d
		return ;;
	-f | --format)
		[ "$sub" = dump ] && { mapfile -t COMPREPLY < <(compgen -W "csv json" -- "$cur"); return; } ;;
	--rtd)
		mapfile -t COMPREPLY < <(compgen -W "auto off pt100 pt1000" -- "$cur")
		return ;;
	--severity)
		mapfile -t COMPREPLY < <(compgen -W "info notice warning error critical" -- "$cur")
		return ;;
	-d | --device)
		mapfile -t COMPREPLY < <(compgen -W "$(_sense_devices)" -- "$cur")
		return ;;
	-c | --channels)
		local before=
		[[ $cur == *,* ]] && before=${cur%,*},
		mapfile -t COMPREPLY < <(compgen -P "$before" -W "$(_sense_channels)" -- "${cur##*,}")
		compopt -o nospace
		return ;;
	-[rnt] | --rate | --scans | --time | --duration | --interval | --from | --to | --stream)
		return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_sense_options "$sub")" -- "$cur")
		return
	fi
	case $sub in
	info | monitor | record)
		mapfile -t COMPREPLY < <(compgen -W "$(_sense_devices)" -- "$cur") ;;
	config)
		if [ "$cword" -eq 2 ]; then
			mapfile -t COMPREPLY < <(compgen -W check -- "$cur")
		else
			_filedir '@(yaml|yml)'
		fi ;;
	help)
		mapfile -t COMPREPLY < <(compgen -W "$(sense help 2>/dev/null |
			sed -n 's/^  \([a-z-]*\) .*/\1/p')" -- "$cur") ;;
	*)
		_filedir ;;
	esac
} && complete -F _sense sense
