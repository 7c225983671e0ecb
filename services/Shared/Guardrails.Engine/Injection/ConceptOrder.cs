using System.Numerics;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Three concepts in the order in which they stand in a sentence.</summary>
internal static class ConceptOrder
{
    private const int Most = 6;

    public static void Emit(KeyList keys, SentenceFacts facts)
    {
        Span<int> order = stackalloc int[Most];
        var count = BitOperations.PopCount(facts.Concepts);
        if (count is < 3 or > Most)
        {
            return;
        }

        var at = 0;
        for (var set = facts.Concepts; set != 0; set &= set - 1)
        {
            var concept = BitOperations.TrailingZeroCount(set);
            var place = at++;
            for (; place > 0 && facts.FirstOf(order[place - 1]) > facts.FirstOf(concept); place--)
            {
                order[place] = order[place - 1];
            }

            order[place] = concept;
        }

        for (var a = 0; a < count; a++)
        {
            for (var b = a + 1; b < count; b++)
            {
                for (var c = b + 1; c < count; c++)
                {
                    keys.Add(FeatureKey.Of(FeatureKind.ConceptTriple, (uint)((order[a] << 6) | order[b]), (uint)order[c]));
                }
            }
        }
    }
}
