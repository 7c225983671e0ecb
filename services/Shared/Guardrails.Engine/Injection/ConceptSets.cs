namespace Gateway.Guardrails.Engine.Injection;

/// <summary>
/// Features of several concepts together, where what matters is that three or four of them meet: a frame, a harm, a wish for details and an excuse; an order to set aside what came
/// before; an order to send something without a word. Pairs alone do not add up to these.
/// </summary>
internal static class ConceptSets
{
    private static readonly ulong[][] _sets =
    [
        [
            Any(Concept.HarmWeapon, Concept.HarmCyber, Concept.HarmDrug, Concept.HarmFraud, Concept.HarmHate, Concept.HarmSex, Concept.HarmSelf, Concept.HarmMisinfo),
            Any(Concept.Hypothetical, Concept.Role), Any(Concept.Howto), Any(Concept.Disclaimer), Any(Concept.Unrestricted, Concept.Norefuse, Concept.Dual, Concept.Stay),
        ],
        [Any(Concept.Ignore), Any(Concept.Prior), Any(Concept.Instr, Concept.Sysprompt, Concept.Restriction), Any(Concept.New, Concept.Pivot), Any(Concept.Reveal, Concept.Sayquote, Concept.Only)],
        [Any(Concept.Reveal), Any(Concept.Sysprompt), Any(Concept.Secret, Concept.Personal), Any(Concept.Authority, Concept.Mode, Concept.Urgent), Any(Concept.Encoding, Concept.Parts, Concept.Hypothetical)],
        [Any(Concept.Send, Concept.Add), Any(Concept.Answer, Concept.Ai), Any(Concept.Conceal), Any(Concept.Secret, Concept.Personal, Concept.Conversation), Any(Concept.Doctask)],
    ];

    /// <summary>Which of each set's members are there, as one feature a set; none where fewer than two are.</summary>
    public static void Emit(KeyList keys, FeatureKind kind, ulong concepts)
    {
        for (var set = 0; set < _sets.Length; set++)
        {
            var (found, members) = (0u, _sets[set]);
            for (var i = 0; i < members.Length; i++)
            {
                found |= (concepts & members[i]) != 0 ? 1u << i : 0;
            }

            if ((found & (found - 1)) != 0)
            {
                keys.Add(FeatureKey.Of(kind, (uint)set, found));
            }
        }
    }

    private static ulong Any(params ReadOnlySpan<Concept> concepts)
    {
        var bits = 0UL;
        foreach (var concept in concepts)
        {
            bits |= 1UL << (int)concept;
        }

        return bits;
    }
}
