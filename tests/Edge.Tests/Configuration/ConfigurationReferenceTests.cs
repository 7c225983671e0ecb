using Gateway.Edge.Configuration.Schema;

namespace Gateway.Edge.Tests.Configuration;

public sealed class ConfigurationReferenceTests
{
    /// <summary>Run with GATEWAY_UPDATE_DOCS=1 to write the page anew after a change of the table.</summary>
    [Fact]
    public async Task The_reference_page_holds_the_table_of_the_loader()
    {
        var path = SourceTree.PathOf("docs/configuration.md");
        var page = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var begin = page.IndexOf(ReferenceWriter.Begin, StringComparison.Ordinal) + ReferenceWriter.Begin.Length + 1;
        var end = page.IndexOf(ReferenceWriter.End, StringComparison.Ordinal);
        Assert.True(end >= begin, "docs/configuration.md has lost the marks around its table");

        var expected = ReferenceWriter.Write() + "\n";
        if (Environment.GetEnvironmentVariable("GATEWAY_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, page[..begin] + expected + page[end..], TestContext.Current.CancellationToken);
        }
        else
        {
            Assert.Equal(expected, page[begin..end]);
        }
    }

    [Fact]
    public void Every_setting_says_what_it_is_for()
    {
        Assert.All(ConfigurationSchema.All, s => Assert.True(s.Meaning.EndsWith('.'), s.Path));
        Assert.All(ConfigurationSchema.All.Where(s => s.Type == SettingType.Choice && (s.Default.Length > 0 || !s.Meaning.Contains("Absent:", StringComparison.Ordinal))), s => Assert.Contains(s.Default, s.Choices));
        Assert.Equal(ConfigurationSchema.All.Count, ConfigurationSchema.All.Select(s => s.Path).Distinct().Count());
    }
}
