using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.ServiceDefaults.Tests.Metrics;

/// <summary>What <c>promtool check metrics</c> and the OpenMetrics specification would say of a page of metrics, without either at hand.</summary>
internal static partial class MetricsLint
{
    private const int MostOfExemplar = 128;

    /// <summary>Everything that is wrong with a page.</summary>
    /// <param name="text">The page.</param>
    /// <param name="isOpen">True for OpenMetrics, false for Prometheus' text format.</param>
    public static IReadOnlyList<string> Check(string text, bool isOpen)
    {
        var wrong = new List<string>();
        var families = new Dictionary<string, Family>(StringComparer.Ordinal);
        Family? family = null;
        var lines = text.Split('\n');
        Say(lines[^1].Length > 0, "does not end with a line end");
        Say(isOpen != text.EndsWith("\n# EOF\n", StringComparison.Ordinal), "# EOF is there or not as it should not be");
        foreach (var line in lines[..^1].Where(l => l != "# EOF"))
        {
            if (line.StartsWith('#'))
            {
                var told = Told().Match(line);
                if (!told.Success)
                {
                    wrong.Add("cannot be read: " + line);
                    continue;
                }

                var name = told.Groups["name"].Value;
                if (family?.Name != name)
                {
                    Say(families.ContainsKey(name), $"{name}: stands in two places");
                    family = families[name] = new Family(name);
                }

                family.Tell(told.Groups["what"].Value, told.Groups["text"].Value);
                continue;
            }

            var sample = Sample().Match(line);
            if (!sample.Success || family is null)
            {
                wrong.Add("cannot be read: " + line);
                continue;
            }

            var series = sample.Groups["labels"].Value;
            var value = sample.Groups["value"].Value switch { "+Inf" => double.PositiveInfinity, "-Inf" => double.NegativeInfinity, "NaN" => double.NaN, var number => double.Parse(number, CultureInfo.InvariantCulture) };
            wrong.AddRange(family.Take(sample.Groups["name"].Value, series, value, sample.Groups["exemplar"].Value, isOpen).Select(w => $"{family.Name}: {w}: {line}"));
        }

        foreach (var one in families.Values)
        {
            wrong.AddRange(one.Whole(isOpen).Select(w => $"{one.Name}: {w}"));
        }

        return wrong;

        void Say(bool isWrong, string what)
        {
            if (isWrong)
            {
                wrong.Add(what);
            }
        }
    }

    [GeneratedRegex("^# (?<what>HELP|TYPE|UNIT) (?<name>[a-zA-Z_][a-zA-Z0-9_]*) ?(?<text>.*)$")]
    private static partial Regex Told();

    [GeneratedRegex("""^(?<name>[a-zA-Z_][a-zA-Z0-9_]*)(?:\{(?<labels>(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*",?)*)\})? (?<value>[+-]?(?:Inf|NaN|[0-9.eE+-]+))(?<exemplar> # \{.*)?$""")]
    private static partial Regex Sample();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)",?""")]
    private static partial Regex Label();

    [GeneratedRegex("_(milliseconds|microseconds|nanoseconds|minutes|hours|days|kilobytes|kibibytes|megabytes|percent)(_total)?$")]
    private static partial Regex NoBaseUnit();

    private sealed class Family(string name)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private readonly Dictionary<string, List<(double Bound, double Count)>> _buckets = new(StringComparer.Ordinal);
        private readonly Dictionary<string, double> _counts = new(StringComparer.Ordinal);
        private string _type = "";
        private string _help = "";
        private string _unit = "";

        public string Name => name;

        public void Tell(string what, string text)
        {
            _ = what switch { "TYPE" => _type = text, "UNIT" => _unit = text, _ => _help = text };
        }

        public IEnumerable<string> Take(string sample, string labels, double value, string exemplar, bool isOpen)
        {
            var suffix = sample.StartsWith(name, StringComparison.Ordinal) ? sample[name.Length..] : "?";
            var legal = _type switch { "histogram" => suffix is "_bucket" or "_sum" or "_count", "counter" => isOpen ? suffix == "_total" : suffix.Length == 0, "gauge" or "info" => suffix.Length == 0, _ => false };
            if (!legal)
            {
                yield return $"a {_type} has no such sample";
            }

            var pairs = Label().Matches(labels).Select(m => (Name: m.Groups[1].Value, Value: m.Groups[2].Value)).ToList();
            if (!_seen.Add($"{sample}{{{string.Join(',', pairs.OrderBy(p => p.Name, StringComparer.Ordinal))}}}"))
            {
                yield return "a series is there twice";
            }

            if (pairs.Select(p => p.Name).Distinct().Count() != pairs.Count)
            {
                yield return "a label is there twice";
            }

            if (pairs.Any(p => (p.Name == "le" && suffix != "_bucket") || p.Name is "quantile" or "job" or "instance" || p.Name.StartsWith("__", StringComparison.Ordinal)))
            {
                yield return "a label is reserved";
            }

            if (_type == "counter" && !(value >= 0))
            {
                yield return "a counter is below zero";
            }

            if (exemplar.Length > 0 && (!isOpen || suffix is not ("_bucket" or "_total") || exemplar.IndexOf('}', StringComparison.Ordinal) - 4 > MostOfExemplar))
            {
                yield return "an exemplar does not belong there or is too long";
            }

            var others = string.Join(',', pairs.Where(p => p.Name != "le"));
            if (suffix == "_bucket")
            {
                var bound = pairs.FirstOrDefault(p => p.Name == "le").Value ?? "";
                (_buckets.TryGetValue(others, out var had) ? had : _buckets[others] = []).Add((bound == "+Inf" ? double.PositiveInfinity : double.Parse(bound, CultureInfo.InvariantCulture), value));
            }
            else if (suffix == "_count")
            {
                _counts[others] = value;
            }
        }

        public IEnumerable<string> Whole(bool isOpen)
        {
            if (_type.Length == 0 || _help.Length == 0)
            {
                yield return "has no type or no help";
            }

            if (!isOpen && (_type == "counter") != name.EndsWith("_total", StringComparison.Ordinal))
            {
                yield return "counters and nothing else end in _total";
            }

            if (isOpen && name.EndsWith("_total", StringComparison.Ordinal))
            {
                yield return "a family of OpenMetrics is named without _total";
            }

            if (_unit.Length > 0 && !name.EndsWith("_" + _unit, StringComparison.Ordinal))
            {
                yield return $"its name does not end in its unit {_unit}";
            }

            if (NoBaseUnit().IsMatch(name) || name.Contains("__", StringComparison.Ordinal) || name.Any(char.IsAsciiLetterUpper))
            {
                yield return "is not named as metrics are";
            }

            foreach (var (labels, buckets) in _buckets)
            {
                var isRising = buckets.Zip(buckets.Skip(1)).All(p => p.First.Bound < p.Second.Bound && p.First.Count <= p.Second.Count);
                if (!isRising || buckets[^1].Bound != double.PositiveInfinity || !_counts.TryGetValue(labels, out var count) || count != buckets[^1].Count)
                {
                    yield return $"buckets do not rise to the count: {labels}";
                }
            }
        }
    }
}
