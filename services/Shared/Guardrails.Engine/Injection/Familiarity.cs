using System.Numerics;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>How familiar the words of a sentence are to the text before it: what was planted is strange to what surrounds it.</summary>
internal sealed class Familiarity
{
    private const int Enough = 10;

    private const ulong OrderConcepts = (1UL << (int)Concept.Ignore) | (1UL << (int)Concept.Reveal) | (1UL << (int)Concept.Instr) | (1UL << (int)Concept.Send) | (1UL << (int)Concept.Answer) | (1UL << (int)Concept.Add)
        | (1UL << (int)Concept.Only) | (1UL << (int)Concept.Sayquote) | (1UL << (int)Concept.Command) | (1UL << (int)Concept.Secret) | (1UL << (int)Concept.Personal) | (1UL << (int)Concept.Ai) | (1UL << (int)Concept.New);

    private readonly ulong[] _seen = new ulong[32];
    private int _wordCount;

    /// <summary>Forgets the text.</summary>
    public void Clear()
    {
        Array.Clear(_seen);
        _wordCount = 0;
    }

    /// <summary>Emits how many of a sentence's words stood in the text before, and takes them up.</summary>
    public void Emit(FeatureList features, ReadOnlySpan<uint> words, ulong concepts)
    {
        if (_wordCount >= Enough && words.Length >= 3)
        {
            var known = 0;
            foreach (var word in words)
            {
                var bit = (word * 0x9E3779B1u) >> 21;
                known += (int)(_seen[bit >> 6] >> (int)(bit & 63)) & 1;
            }

            var share = (uint)(known * 5 / (words.Length + 1));
            features.Strong.Add(FeatureKey.Of(FeatureKind.Familiar, share, 64));
            for (var set = concepts & OrderConcepts; set != 0; set &= set - 1)
            {
                features.Weak.Add(FeatureKey.Of(FeatureKind.Familiar, share, (uint)BitOperations.TrailingZeroCount(set)));
            }
        }

        foreach (var word in words)
        {
            var bit = (word * 0x9E3779B1u) >> 21;
            _seen[bit >> 6] |= 1UL << (int)(bit & 63);
        }

        _wordCount += words.Length;
    }
}
