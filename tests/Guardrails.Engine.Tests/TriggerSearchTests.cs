using Gateway.Guardrails.Engine.Secrets;

namespace Gateway.Guardrails.Engine.Tests;

public sealed class TriggerSearchTests
{
    private static readonly string[] _formats = ["Q~", "eyJ", "://", "sk-", "sk-ant-", "AKIA", "-----BEGIN"];
    private static readonly string[] _names = ["pwd", "token", "api key", "api_key", "secret"];
    private readonly TriggerSearch _search = new(_formats, _names);

    [Fact]
    public void It_finds_what_a_plain_search_finds()
    {
        string[] pieces = [.. _formats, .. _names, "q~", "Q", "~", "SK-", "tok", "API_KEY", "api-key", "\u017fecret", "to\u212aen", "akia", "ey", "J", ":/", "/", "é", " ", "x"];
        var random = new Random(9);
        for (var i = 0; i < 5_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 8)).Select(_ => pieces[random.Next(pieces.Length)] is var p && random.Next(4) == 0 ? p[..random.Next(p.Length + 1)] : random.Next(6) == 0 ? p.ToUpperInvariant() : p));
            for (var from = 0; from <= text.Length; from++)
            {
                var (format, name) = (First(text, from, _formats, StringComparison.Ordinal), First(text, from, _names, StringComparison.OrdinalIgnoreCase));
                var expected = Math.Min(format, name);
                var kind = expected == text.Length ? TriggerKind.None : (format == expected ? TriggerKind.Format : TriggerKind.None) | (name == expected ? TriggerKind.Name : TriggerKind.None);

                Assert.Equal((expected, kind), (_search.Next(text, from, out var found), found));
            }
        }
    }

    private static int First(string text, int from, string[] triggers, StringComparison comparison) =>
        triggers.Select(t => text.IndexOf(t, from, comparison)).Where(static at => at >= 0).DefaultIfEmpty(text.Length).Min();
}
