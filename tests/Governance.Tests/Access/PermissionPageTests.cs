using Gateway.Governance.Access;

namespace Gateway.Governance.Tests.Access;

public sealed class PermissionPageTests
{
    /// <summary>Run with GATEWAY_UPDATE_DOCS=1 to write the page anew after a change of the table.</summary>
    [Fact]
    public async Task The_page_holds_the_table()
    {
        var path = SourceTree.PathOf("docs", "access.md");
        var page = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var begin = page.IndexOf(PermissionPage.Begin, StringComparison.Ordinal) + PermissionPage.Begin.Length + 1;
        var end = page.IndexOf(PermissionPage.End, StringComparison.Ordinal);
        Assert.True(end >= begin, "docs/access.md has lost the marks around its table");
        if (Environment.GetEnvironmentVariable("GATEWAY_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, page[..begin] + PermissionPage.Write() + page[end..], TestContext.Current.CancellationToken);
        }
        else
        {
            Assert.Equal(PermissionPage.Write(), page[begin..end]);
        }
    }

    [Fact]
    public void Every_row_reads_before_it_changes()
    {
        foreach (var row in PermissionTable.All.Where(p => p.Action is AccessAction.Change or AccessAction.Delete or AccessAction.Rotate && PermissionTable.Find(p.Kind, AccessAction.Read) is not null))
        {
            Assert.All(PermissionTable.RolesInOrder, role => Assert.True(row.Of(role) <= PermissionTable.Of(role, row.Kind, AccessAction.Read), $"{role} {row.Kind} {row.Action}"));
        }
    }

    [Fact]
    public void What_is_listed_can_be_read()
        => Assert.All(
            PermissionTable.All.Where(p => p.Action == AccessAction.Read && PermissionTable.Find(p.Kind, AccessAction.List) is not null),
            read => Assert.All(PermissionTable.RolesInOrder, role => Assert.Equal(read.Of(role), PermissionTable.Of(role, read.Kind, AccessAction.List))));
}
