namespace Gateway.Guardrails.Engine.Injection;

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
    WindowConcept = 13,
    WindowConceptCount = 14,
    WindowConceptPair = 15,
    WindowStructure = 16,
    Together = 18,
    WindowTogether = 19,
    WordOverOne = 20,
    StemPair = 21,
    ConceptTriple = 22,
    Familiar = 23,
    Group = 24,
    GroupPair = 25,
}

/// <summary>Keys of features: the upper bits say where a model keeps it, the lower sixteen which one it is there.</summary>
internal static class FeatureKey
{
    public const uint HashStart = 2166136261;

    /// <summary>Bits that say where.</summary>
    public const int PlaceBits = 15;

    // What lies between is of no use to a model.
    private const uint Kept = (uint.MaxValue << (32 - PlaceBits)) | 0xFFFF;

    public static uint Of(FeatureKind kind, uint first, uint second = 0)
    {
        var hash = ((uint)kind * 0x9E3779B1u) + (first * 0x85EBCA77u) + (second * 0xC2B2AE3Du);
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6Du;
        return (hash ^ (hash >> 13)) & Kept;
    }

    /// <summary>One more character of a word.</summary>
    public static uint Extend(uint hash, char c) => (hash ^ c) * 16777619u;
}
