using System.Text;

namespace Gateway.Governance.Access;

/// <summary>Writes the permission table for <c>docs/access.md</c>.</summary>
internal static class PermissionPage
{
    public const string Begin = "<!-- permissions: begin -->";
    public const string End = "<!-- permissions: end -->";

    public static string Write()
    {
        var page = new StringBuilder();
        page.Append("| kind | action |").AppendJoin(" | ", PermissionTable.RolesInOrder.Select(r => $" {r.Name()}")).Append(" |\n");
        page.Append("|---|---|").AppendJoin('|', PermissionTable.RolesInOrder.Select(_ => "---")).Append("|\n");
        foreach (var row in PermissionTable.All)
        {
            page.Append("| ").Append(row.Kind).Append(" | ").Append(row.Action.ToString().ToLowerInvariant()).Append(" | ")
                .AppendJoin(" | ", PermissionTable.RolesInOrder.Select(r => row.Of(r) is var reach && reach == Reach.None ? "–" : reach.ToString().ToLowerInvariant())).Append(" |\n");
        }

        return page.ToString();
    }
}
