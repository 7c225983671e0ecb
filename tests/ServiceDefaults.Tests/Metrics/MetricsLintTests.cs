namespace Gateway.ServiceDefaults.Tests.Metrics;

/// <summary>The lint finds what is wrong, so that its silence says something.</summary>
public sealed class MetricsLintTests
{
    private const string Good =
        """
        # HELP a_seconds How long.
        # TYPE a_seconds histogram
        a_seconds_bucket{le="0.1"} 1
        a_seconds_bucket{le="+Inf"} 2
        a_seconds_sum 3.5
        a_seconds_count 2
        # HELP b_total How many.
        # TYPE b_total counter
        b_total{x="1",y="a\"b"} 3

        """;

    [Fact]
    public void What_is_well_is_let_pass() => Assert.Empty(MetricsLint.Check(Good, isOpen: false));

    [Theory]
    [InlineData("# HELP b_total How many.\n", "", "no help")]
    [InlineData("# TYPE b_total counter\n", "", "no type")]
    [InlineData("b_total{", "b{", "no such sample")]
    [InlineData(" counter", " gauge", "end in _total")]
    [InlineData("a_seconds_count 2", "a_seconds_count 3", "do not rise")]
    [InlineData("le=\"0.1\"} 1", "le=\"0.1\"} 4", "do not rise")]
    [InlineData("a_seconds_bucket{le=\"+Inf\"} 2\n", "", "do not rise")]
    [InlineData("a_seconds", "a_milliseconds", "not named")]
    [InlineData("y=\"a", "x=\"a", "label is there twice")]
    [InlineData("x=\"1\"", "le=\"1\"", "reserved")]
    [InlineData("\"} 3\n", "\"} -3\n", "below zero")]
    [InlineData("\"} 3\n", "\"} 3\nb_total{y=\"a\\\"b\",x=\"1\"} 3\n", "series is there twice")]
    [InlineData("\"} 3\n", "\"} many\n", "cannot be read")]
    [InlineData("\"} 3\n", "\"} 3\n# HELP a_seconds Again.\n", "two places")]
    [InlineData("b_total{x=\"1\",y=\"a\\\"b\"} 3", "b_total 3 # {trace_id=\"1\"} 1", "exemplar")]
    public void What_is_wrong_is_found(string part, string instead, string expected)
        => Assert.Contains(MetricsLint.Check(Good.Replace(part, instead, StringComparison.Ordinal), isOpen: false), w => w.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void Open_metrics_end_and_name_counters_in_their_own_way()
    {
        var open = Good.Replace("# HELP b_total", "# HELP b", StringComparison.Ordinal).Replace("# TYPE b_total", "# TYPE b", StringComparison.Ordinal) + "# EOF\n";
        Assert.Empty(MetricsLint.Check(open, isOpen: true));
        Assert.NotEmpty(MetricsLint.Check(open, isOpen: false));
        Assert.NotEmpty(MetricsLint.Check(Good, isOpen: true));
        Assert.Contains(MetricsLint.Check(open.Replace("# TYPE b counter", "# TYPE b counter\n# UNIT b seconds", StringComparison.Ordinal), isOpen: true), static w => w.Contains("unit", StringComparison.Ordinal));
    }
}
