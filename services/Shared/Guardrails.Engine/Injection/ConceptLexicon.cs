using Gateway.Guardrails.Engine.Normalization;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>The phrases of <c>Concepts.txt</c>; the bits are those of <see cref="Concept"/>.</summary>
internal static class ConceptLexicon
{
    private const string Resource = "Gateway.Guardrails.Engine.Injection.Concepts.txt";

    /// <summary>The lexicon, read once.</summary>
    public static PhraseTree Default { get; } = PhraseFile.Read(Resource, static name => Enum.TryParse<Concept>(name, true, out var concept) ? 1UL << (int)concept : 0);
}
