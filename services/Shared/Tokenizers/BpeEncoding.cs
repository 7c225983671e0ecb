namespace Gateway.Tokenizers;

/// <summary>A byte-pair encoding whose tokens can be counted exactly.</summary>
public enum BpeEncoding
{
    /// <summary>None that is known.</summary>
    None = 0,

    /// <summary>GPT-4, GPT-3.5 and text-embedding-3.</summary>
    Cl100kBase = 1,

    /// <summary>GPT-4o, 4.1, 5 and the o-series.</summary>
    O200kBase = 2,
}
