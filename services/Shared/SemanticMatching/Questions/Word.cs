namespace Gateway.SemanticMatching.Questions;

/// <summary>One word of a question.</summary>
/// <param name="Text">Lower case, without its apostrophe.</param>
/// <param name="Stem">Without its ending.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Rarity">0.1 for the commonest words to 1 for unknown ones.</param>
/// <param name="Name">Written as a name: with a capital inside the sentence.</param>
internal readonly record struct Word(string Text, string Stem, WordKind Kind, float Rarity, bool Name);

/// <summary>What a word is.</summary>
internal enum WordKind : byte
{
    /// <summary>Says what the question is about.</summary>
    Content,

    /// <summary>Article, preposition, auxiliary and the like.</summary>
    Function,

    /// <summary>Digits, or a number in words.</summary>
    Number,

    /// <summary>A sign that is not a word: arithmetic, currency, a pictogram.</summary>
    Sign,
}
