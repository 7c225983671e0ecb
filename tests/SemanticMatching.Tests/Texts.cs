namespace Gateway.SemanticMatching.Tests;

internal static class Texts
{
    public static readonly IReadOnlyList<string> Awkward =
    [
        "", " ", "?", "\0", "\ud800", "\udc00\ud800", "'", "’s", "a'", "'''", "\u202eevil", "👩‍👩‍👧‍👦 👍🏽", "你好吗", "مرحبا", "\t\n\r", "....", "1", "1.2.3", "C++ or C#", "$5 %",
        new string('a', 100_000), string.Concat(Enumerable.Repeat("word ", 20_000)), new string('?', 5000), "x" + new string('\u0301', 500), "\ufeff", "\uffff\ufffe",
    ];
}
