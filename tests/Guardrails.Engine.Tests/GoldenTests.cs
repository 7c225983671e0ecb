using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Tests;

/// <summary>One input and one expected output for each detector: what «redact» leaves of it, or what was found where nothing can be replaced.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Detectors => [.. Rules.Keys];

    private static Dictionary<string, GuardrailRuleEntry> Rules { get; } = new(StringComparer.Ordinal)
    {
        ["pii"] = new() { Detector = "pii", Action = GuardrailAction.Redact, Terms = ["Project Falcon"], Patterns = ["EMP-[0-9]{5}"] },
        ["secrets"] = new() { Detector = "secrets", Action = GuardrailAction.Redact },
        ["keywords"] = new() { Detector = "keywords", Action = GuardrailAction.Redact, Terms = ["merger", "lay off*"] },
        ["blocked_terms"] = new() { Detector = "blocked_terms", Action = GuardrailAction.Redact, Terms = ["merger"] },
        ["regex"] = new() { Detector = "regex", Action = GuardrailAction.Redact, Patterns = ["(?i)ticket-[0-9]+"] },
        ["urls"] = new() { Detector = "urls", Action = GuardrailAction.Redact, Allow = ["*.example.com"] },
    };

    [Theory]
    [MemberData(nameof(Detectors))]
    public void What_is_left_is_what_is_expected(string detector)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Golden");
        var input = File.ReadAllText(Path.Combine(folder, $"{detector}.input.txt"));
        var set = Streaming.Set(Rules[detector]);

        var actual = Streaming.Whole(set, input)!;

        var expected = Path.Combine(folder, $"{detector}.expected.txt");
        if (Environment.GetEnvironmentVariable("GATEWAY_UPDATE_GOLDEN") is { Length: > 0 } source)
        {
            File.WriteAllText(Path.Combine(source, $"{detector}.expected.txt"), actual);
            return;
        }

        Assert.Equal(File.ReadAllText(expected), actual);
        Streaming.AssertSame(set, input, randomCuts: 2);
    }

    [Fact]
    public void Every_kind_has_one_name_and_every_detector_one_line()
    {
        Assert.Equal(DetectorCatalogue.All.Count, DetectorCatalogue.All.Select(static d => d.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(DetectorCatalogue.All, static d => Assert.Equal(d.Kinds.Count, d.Kinds.Select(static k => k.Name).Distinct(StringComparer.Ordinal).Count()));
        Assert.True(DetectorCatalogue.Find("secrets")!.Kinds.Count >= 150);
    }
}
