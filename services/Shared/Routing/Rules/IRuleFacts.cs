namespace Gateway.Routing.Rules;

/// <summary>What a rule can ask about a request. What is absent is an empty text or 0: every expression has a value for every request.</summary>
public interface IRuleFacts
{
    /// <summary>The moment of the request.</summary>
    DateTimeOffset Now { get; }

    /// <summary>One of the texts.</summary>
    string Text(TextFact fact);

    /// <summary>One of the numbers.</summary>
    double Number(NumberFact fact);

    /// <summary>One of the truth values.</summary>
    bool Flag(FlagFact fact);

    /// <summary>The value of a request header, several joined by a comma; names are the same in upper and lower case.</summary>
    string Header(string name);

    /// <summary>A member of the body's <c>metadata</c>.</summary>
    string Metadata(string name);

    /// <summary>An attribute that an earlier rule has set.</summary>
    string Attribute(string name);
}

/// <summary>Texts a rule can ask for.</summary>
public enum TextFact
{
    /// <summary>Id of the virtual key.</summary>
    Key = 1,

    /// <summary>Id of the key's team.</summary>
    Team = 2,

    /// <summary>Public model name as the caller wrote it.</summary>
    Model = 3,

    /// <summary>Name of the operation, for example <c>chat</c>.</summary>
    Operation = 4,

    /// <summary>The end user named in the body.</summary>
    User = 5,
}

/// <summary>Numbers a rule can ask for.</summary>
public enum NumberFact
{
    /// <summary>Estimate of the prompt's tokens: four bytes of the body each.</summary>
    Tokens = 1,

    /// <summary>The cap on output tokens that the caller set, or 0.</summary>
    MaxTokens = 2,

    /// <summary>Percentage used of the fullest budget over the key, or 0 without one.</summary>
    BudgetUsed = 3,
}

/// <summary>Truth values a rule can ask for.</summary>
public enum FlagFact
{
    /// <summary>Whether a stream is asked for.</summary>
    Stream = 1,
}
