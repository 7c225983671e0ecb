namespace Gateway.Edge.Configuration.Schema;

/// <summary>What files call the policies for answers without a cap.</summary>
internal static class OutputCapNames
{
    public static readonly string[] All = ["modelLimit", "learnt", "set"];
}
