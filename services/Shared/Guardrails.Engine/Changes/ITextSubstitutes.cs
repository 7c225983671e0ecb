namespace Gateway.Guardrails.Engine.Changes;

/// <summary>Stand-ins of one conversation of one tenant. The same text of the same kind gets the same stand-in.</summary>
public interface ITextSubstitutes
{
    /// <summary>A keyed hash of a text.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="original">The text.</param>
    string Hash(string kind, string original);

    /// <summary>What stands for a text until it is put back.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="original">The text.</param>
    /// <param name="realistic">True: a made-up value of the same kind, else a numbered placeholder such as <c>[EMAIL_1]</c>.</param>
    string Pseudonym(string kind, string original, bool realistic);

    /// <summary>The pseudonyms given out, with what they stand for.</summary>
    IReadOnlyCollection<KeyValuePair<string, string>> Pseudonyms { get; }
}
