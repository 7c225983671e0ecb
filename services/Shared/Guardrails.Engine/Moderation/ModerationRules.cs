namespace Gateway.Guardrails.Engine.Moderation;

/// <summary>A category and how sure one sentence makes it.</summary>
internal readonly record struct Verdict(string Category, double Score);

/// <summary>What signs within one sentence come to.</summary>
internal static class ModerationRules
{
    public const string Hate = "hate";
    public const string HateThreatening = "hate_threatening";
    public const string Harassment = "harassment";
    public const string Threatening = "harassment_threatening";
    public const string SelfHarm = "self_harm";
    public const string SelfHarmIntent = "self_harm_intent";
    public const string SelfHarmInstructions = "self_harm_instructions";
    public const string Sexual = "sexual";
    public const string SexualMinors = "sexual_minors";
    public const string Violence = "violence";
    public const string ViolenceGraphic = "violence_graphic";
    public const string Illicit = "illicit";
    public const string IllicitViolent = "illicit_violent";

    /// <summary>Taken off where a sentence speaks about a thing rather than for it.</summary>
    private const double Calming = 0.3;

    /// <summary>The categories of a sentence.</summary>
    /// <param name="signs">What stands in it.</param>
    /// <param name="explicitCount">How many explicit sexual words.</param>
    /// <param name="weakCount">How many words that may be sexual.</param>
    /// <param name="into">Takes the categories.</param>
    public static void Judge(Sign signs, int explicitCount, int weakCount, List<Verdict> into)
    {
        bool Has(Sign sign) => (signs & sign) != 0;
        var calm = Has(Sign.Calm) ? Calming : 0;

        Add(Hate, Has(Sign.Slur) ? 0.8 : Has(Sign.Group) && Has(Sign.Degrade) ? 0.7 - calm : 0);
        Add(HateThreatening, (Has(Sign.Group) || Has(Sign.Slur)) && (Has(Sign.Eliminate) || Has(Sign.Threat)) ? 0.85 - calm : 0);
        Add(Harassment, Has(Sign.Insult) && Has(Sign.You) ? 0.65 - (calm / 2) : 0);
        Add(Threatening, Has(Sign.Threat) ? 0.85 - (calm / 2) : 0);
        Add(SelfHarm, Has(Sign.SelfHarm) ? 0.75 - calm : 0);
        Add(SelfHarmIntent, Has(Sign.SelfHarm) && Has(Sign.FirstPerson) ? 0.85 - calm : 0);
        Add(SelfHarmInstructions, Has(Sign.SelfHarm) && Has(Sign.Make) ? 0.8 - calm : 0);
        Add(Sexual, explicitCount > 1 ? 0.9 : explicitCount == 1 ? 0.75 - calm : weakCount > 2 ? 0.6 - calm : 0);
        Add(SexualMinors, Has(Sign.MinorSexStrong) ? 0.9 - (calm / 2) : Has(Sign.Minor) && explicitCount > 0 ? 0.85 - calm : Has(Sign.Minor) && weakCount > 1 ? 0.65 - calm : 0);
        Add(Violence, Has(Sign.Violent) && (Has(Sign.Glorify) || Has(Sign.Make) || Has(Sign.FirstPerson)) ? 0.65 - calm : Has(Sign.Graphic) ? 0.6 - (calm / 2) : 0);
        Add(ViolenceGraphic, Has(Sign.Graphic) && Has(Sign.Violent) ? 0.75 - (calm / 2) : 0);
        Add(Illicit, Has(Sign.Make) && (Has(Sign.Drug) || Has(Sign.Crime)) ? 0.7 - calm : 0);
        Add(IllicitViolent, Has(Sign.Make) && (Has(Sign.Weapon) || (Has(Sign.Crime) && Has(Sign.Violent))) ? 0.75 - calm : 0);

        void Add(string category, double score)
        {
            if (score > 0.05)
            {
                into.Add(new Verdict(category, Math.Min(1, score)));
            }
        }
    }
}
