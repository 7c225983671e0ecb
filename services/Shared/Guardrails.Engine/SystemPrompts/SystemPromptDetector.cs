using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.SystemPrompts;

/// <summary>Finds rows of words that stand in the request's system prompts too, whatever is between the words.</summary>
public sealed class SystemPromptDetector : IDetector
{
    private const int MostWords = 60;
    private const int LongestGap = 16;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "system_prompt_leak",
        Summary = "Ten and more words in a row that stand in the request's system prompt.",
        Members = DetectorMembers.Allow | DetectorMembers.MinScore,
        Places = [GuardrailScope.Output],
        Create = static _ => new SystemPromptDetector(),
    };

    /// <inheritdoc />
    public string Name => "system_prompt_leak";

    /// <inheritdoc />
    public int Lookbehind => 0;

    /// <inheritdoc />
    public int Window => (MostWords + PromptIndex.Row) * (PromptWord.Longest + LongestGap);

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var index = text.Facts.Context.PromptIndex;
        if (index.IsEmpty)
        {
            return text.Text.Length;
        }

        var words = new List<PromptWord>();
        PromptWord.Read(text.Text, text.From, words, int.MaxValue);
        for (var i = 0; i < words.Count;)
        {
            // A row needs its words, and its last one has to have ended.
            if (!text.IsComplete && (i + PromptIndex.Row > words.Count || words[Math.Min(i + PromptIndex.Row, words.Count) - 1].End == text.Text.Length))
            {
                return Settled(text.Text, words, i);
            }

            if (!index.HasRow(words, i))
            {
                i++;
                continue;
            }

            var row = i;
            while (row - i < MostWords && index.HasRow(words, row + 1))
            {
                row++;
            }

            var last = row + PromptIndex.Row - 1;
            if (!text.IsComplete && row - i < MostWords && (last + 2 > words.Count || words[Math.Min(last + 1, words.Count - 1)].End == text.Text.Length))
            {
                return Settled(text.Text, words, i);
            }

            findings.Add(words[i].Start, words[last].End - words[i].Start, "system_prompt", Math.Min(1, 0.5 + ((last - i + 1) / 40.0)));
            i = last + 1;
        }

        return text.Text.Length;
    }

    // Words far apart are given up rather than held: no more is kept than the window.
    private int Settled(ReadOnlySpan<char> text, List<PromptWord> words, int first)
    {
        while (first < words.Count && text.Length - words[first].Start > Window)
        {
            first++;
        }

        return first < words.Count ? words[first].Start : text.Length;
    }
}
