using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Tests;

public sealed class PiiStreamTests
{
    private static readonly string[] _fragments =
    [
        "My name is Jane Roe", "Dr. Kent", "John", "van der Berg", "Mr", "will", "in Paris", "New York", "St.", "12 Elm Street, Springfield, IL 62704", "Apt. 4", "P.O. Box 15", "the corner of Elm Street and Oak Road",
        "a.b@example.org", "@", "x@y", "https://example.org/a?b=c", "http:", "www.x.org", "4111 1111 1111 1111", "4111", "078-05-1120", "+1 (415) 555-2671", "(022) 33", "00", "GB82 WEST 1234 5698 7654 32", "GB82",
        "10.0.0.1", "fe80::1", "00:1A:2B:3C:4D:5E", "::1", "BSN 111222333", "passport number X1234567", "born on 2/3/1980", "2013-03-14 12:53:39", "0x52908400098527886E0F7030069857D2E4169EE7",
        "the", "and", "Group Ltd.", "é", "\ud83d", "🔥", "I'm", "said", ".", ":", "\n\n", "(", "+", "SSN", "call", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];

    [Theory]
    [InlineData(GuardrailAction.Redact, false)]
    [InlineData(GuardrailAction.Mask, false)]
    [InlineData(GuardrailAction.Pseudonymize, false)]
    [InlineData(GuardrailAction.Pseudonymize, true)]
    [InlineData(GuardrailAction.Block, false)]
    public void A_stream_gives_what_the_whole_text_gives(GuardrailAction action, bool realistic)
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "pii", Action = action, Realistic = realistic, Kinds = action == GuardrailAction.Block ? ["credit_card", "iban"] : [] });

        Streaming.Property(Streaming.Texts(_fragments), text => Streaming.AssertSame(set, text, randomCuts: 4), tests: 40);
    }

    [Fact]
    public void Inside_json_strings_too()
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Pseudonymize, Realistic = true });

        Streaming.Property(Streaming.Texts(_fragments), text => Streaming.AssertSame(set, JsonSerializer.Serialize(new { text, number = 4111111111111111, list = new[] { text } }), isJson: true, randomCuts: 2), tests: 20);
    }

    [Fact]
    public void The_sentences_of_the_open_set_are_the_same_in_pieces()
    {
        Assert.SkipUnless(SharedData.IsPresent, "the data sets are not beside the project (../shared/data)");
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Redact });
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(SharedData.Root, "pii", "presidio-research", "generated_small.json")));
        foreach (var sample in document.RootElement.EnumerateArray())
        {
            Streaming.AssertSame(set, sample.GetProperty("full_text").GetString()!, randomCuts: 2);
        }
    }

    [Fact]
    public void Ordinary_text_is_hardly_kept_back_and_nothing_more_than_the_window()
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Redact });
        var window = new Pii.PiiDetector(Pii.PiiKinds.All.Select(static k => k.Name).ToHashSet(StringComparer.Ordinal).ToFrozen()).Window;
        var ordinary = string.Concat(Enumerable.Repeat("this is a plain sentence about nothing in particular, and then some more of it. ", 40));
        var hostile = string.Concat(Enumerable.Repeat("Jane 12 Roe 4111 Elm Street, 1111 Apt. 4 ", 60));

        Assert.InRange(Streaming.Stream(set, ordinary, Enumerable.Range(1, ordinary.Length)).MostHeld, 0, 140);
        Assert.InRange(Streaming.Stream(set, hostile, Enumerable.Range(1, hostile.Length)).MostHeld, 0, window + (window / 4) + 64);
        Assert.InRange(Streaming.Stream(set, new string('a', 20_000), Enumerable.Range(1, 2000).Select(static i => i * 10)).MostHeld, 0, window + (window / 4) + 64);
    }
}

file static class Sets
{
    public static System.Collections.Frozen.FrozenSet<string> ToFrozen(this IEnumerable<string> values) => System.Collections.Frozen.FrozenSet.ToFrozenSet(values, StringComparer.Ordinal);
}
