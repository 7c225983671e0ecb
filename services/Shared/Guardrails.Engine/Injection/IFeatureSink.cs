namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Takes the features of a sentence or a window: the model adds up weights, the training program keeps them.</summary>
internal interface IFeatureSink
{
    /// <summary>Takes one feature.</summary>
    /// <param name="key">What it is, hashed.</param>
    /// <param name="value">How much of it there is.</param>
    void Add(uint key, float value);

    /// <summary>The features that are words have been given; what follows holds in any language.</summary>
    void EndWords()
    {
    }
}

/// <summary>Kinds of features. The numbers are part of the model.</summary>
internal enum FeatureKind : uint
{
    Word = 1,
    WordPair = 2,
    Concept = 3,
    ConceptPair = 4,
    BeforeAndHere = 5,
    FirstWord = 6,
    Structure = 7,
    ConceptAndStructure = 8,
    FirstConcept = 9,
    Stem = 10,
    WindowWord = 11,
    WindowWordPair = 12,
    WindowConcept = 13,
    WindowConceptCount = 14,
    WindowConceptPair = 15,
    WindowStructure = 16,
    WindowStem = 17,
    Together = 18,
    WindowTogether = 19,
    WordOverOne = 20,
    StemPair = 21,
    ConceptTriple = 22,
    Familiar = 23,
    Group = 24,
    GroupPair = 25,
    WindowGroup = 26,
    WindowGroupPair = 27,
}

/// <summary>Keys of features.</summary>
internal static class FeatureKey
{
    public const uint HashStart = 2166136261;

    public static uint Of(FeatureKind kind, uint first, uint second = 0)
    {
        var hash = ((uint)kind * 0x9E3779B1u) ^ (first * 0x85EBCA77u);
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6Du;
        hash ^= second * 0xC2B2AE3Du;
        hash = (hash ^ (hash >> 13)) * 0x297A2D39u;
        return (hash ^ (hash >> 16)) is 0 ? 1u : hash ^ (hash >> 16);
    }

    /// <summary>One more character of a word.</summary>
    public static uint Extend(uint hash, char c) => (hash ^ c) * 16777619u;
}
