using Gateway.Edge.Errors;
using Gateway.Edge.Http;

namespace Gateway.Edge.Tests.Errors;

public sealed class ErrorTableDocsTests
{
    [Fact]
    public async Task The_page_on_errors_has_exactly_the_rows_of_the_table()
    {
        var page = await File.ReadAllLinesAsync(SourceTree.PathOf("docs/errors.md"), TestContext.Current.CancellationToken);
        var header = Array.IndexOf(page, "| code | status | type | fault | when | what to do |");
        Assert.True(header >= 0, "docs/errors.md has lost its table");
        var rows = page.Skip(header + 2).TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]).ToList();

        Assert.All(rows, row =>
        {
            Assert.Equal(6, row.Length);
            Assert.All(row, cell => Assert.NotEmpty(cell));
        });
        Assert.Equal(
            Enum.GetValues<GatewayError>().Select(ErrorTable.Row).Select(e => $"`{e.Code}` {e.Status} `{e.Type}` {ErrorResponse.Name(e.Fault)}"),
            rows.Select(row => string.Join(' ', row[..4])));
    }

    [Fact]
    public void Every_failure_has_a_code_of_its_own()
    {
        var codes = Enum.GetValues<GatewayError>().Select(e => ErrorTable.Row(e).Code).ToList();

        Assert.Equal(codes.Count, codes.Distinct(StringComparer.Ordinal).Count());
    }
}
