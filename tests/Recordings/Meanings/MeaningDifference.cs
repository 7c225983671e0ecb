using Gateway.Dialects.Chat;

namespace Gateway.Recordings.Meanings;

/// <summary>What an answer lost or changed on its way from one dialect into another.</summary>
public static class MeaningDifference
{
    /// <summary>Each difference in words; empty when everything that both dialects can say has survived.</summary>
    /// <param name="given">What the provider said.</param>
    /// <param name="got">What the caller got.</param>
    /// <param name="to">The caller's dialect.</param>
    /// <param name="isStream">Whether both are streams.</param>
    public static IReadOnlyList<string> Between(Meaning given, Meaning got, DialectId to, bool isStream)
    {
        var found = new List<string>();
        if (given.Error is { } error)
        {
            Add(found, got.Error?.Contains(error, StringComparison.Ordinal) != true, $"the error `{error}` became `{got.Error}`");
            Add(found, isStream && got.IsComplete && to != DialectId.OpenAIResponses, "a failed stream looks complete");
            return found;
        }

        if (!given.IsComplete)
        {
            Add(found, got.IsComplete, "a cut stream looks complete");
            return found;
        }

        Add(found, !got.IsComplete, $"a complete stream looks cut ({got.Error})");
        Add(found, got.Text != given.Text, $"text: {Shortly(given.Text, got.Text)}");
        Add(found, to != DialectId.OpenAICompletions && !SameCalls(given.Calls, got.Calls), $"tool calls: {string.Join(' ', given.Calls)} became {string.Join(' ', got.Calls)}");
        Add(found, !SameEnding(given, got, to), $"ending: {given.Ending} became {got.Ending}");
        if (given.Usage is { } usage)
        {
            var cacheIsTold = to != DialectId.OpenAICompletions;
            Add(found, got.Usage is not { } seen || seen.Prompt != usage.Prompt || seen.Completion != usage.Completion || (cacheIsTold && seen.CacheRead != usage.CacheRead), $"usage: {given.Usage} became {got.Usage}");
        }

        found.AddRange(got.Flaws.Distinct().Select(f => "form: " + f));
        return found;
    }

    /// <summary>An ending that only the provider's dialect knows may become the plain one; completions know no tools, Cohere no filter.</summary>
    private static bool SameEnding(Meaning given, Meaning got, DialectId to) => given.Ending == got.Ending
        || given.Ending is Ending.None or Ending.Other
        || (given.Ending == Ending.Filter && to == DialectId.Cohere)
        || (given.Ending == Ending.Tools && (to == DialectId.OpenAICompletions || (given.Calls.Count == 0 && got.Ending == Ending.Stop)))
        || (given.Ending == Ending.Length && given.Calls.Count > 0 && got.Ending == Ending.Tools && to is DialectId.Gemini);

    /// <summary>Arguments that a limit cut off are no JSON; dialects whose calls hold objects then keep the text in one.</summary>
    private static bool SameCalls(IReadOnlyList<SeenCall> given, IReadOnlyList<SeenCall> got)
        => given.Count == got.Count && given.Zip(got).All(p => p.First == p.Second || (p.First.Name == p.Second.Name && p.Second.Arguments == Meaning.Canonical(Meaning.FreeText(p.First.Arguments))));

    private static void Add(List<string> found, bool isOne, string what)
    {
        if (isOne)
        {
            found.Add(what);
        }
    }

    private static string Shortly(string given, string got)
    {
        var at = 0;
        while (at < given.Length && at < got.Length && given[at] == got[at])
        {
            at++;
        }

        return $"differs at {at} of {given.Length}/{got.Length}: `{Cut(given, at)}` became `{Cut(got, at)}`";
    }

    private static string Cut(string text, int at) => text[Math.Min(at, text.Length)..Math.Min(text.Length, at + 60)].ReplaceLineEndings("⏎");
}
