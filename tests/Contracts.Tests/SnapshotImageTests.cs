using System.Collections;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Snapshots;

namespace Gateway.Contracts.Tests;

/// <summary>Configurations and the differences between them, as text.</summary>
public sealed class SnapshotImageTests
{
    [Fact]
    public void Every_member_of_a_snapshot_is_carried()
    {
        foreach (var member in typeof(GatewaySnapshot).GetProperties().Where(static p => p.Name is not (nameof(GatewaySnapshot.Format) or nameof(GatewaySnapshot.Version))))
        {
            var snapshot = new GatewaySnapshot { Version = 3 };
            member.SetValue(snapshot, Filled(member.PropertyType));
            var image = SnapshotImage.Empty.With(snapshot);
            var expected = JsonSerializer.Serialize(snapshot, ContractsJson.Default.GatewaySnapshot);

            Assert.True(image.Digest != SnapshotImage.Empty.Digest, $"{member.Name} is not part of {nameof(SnapshotImage)}.");
            Assert.Equal(expected, JsonSerializer.Serialize(image.Snapshot, ContractsJson.Default.GatewaySnapshot));
            Assert.Equal(expected, JsonSerializer.Serialize(JsonSerializer.Deserialize(image.ToJson(), ContractsJson.Default.GatewaySnapshot), ContractsJson.Default.GatewaySnapshot));
            Assert.Equal(expected, JsonSerializer.Serialize(SnapshotImage.Empty.Read(image.ToJson()).Snapshot, ContractsJson.Default.GatewaySnapshot));
            Assert.Equal(expected, JsonSerializer.Serialize(SnapshotImage.Empty.ReadDifference(image.DifferenceFrom(SnapshotImage.Empty))!.Snapshot, ContractsJson.Default.GatewaySnapshot));
        }
    }

    [Fact]
    public void A_difference_holds_what_changed_and_nothing_else()
    {
        var first = SnapshotImage.Empty.With(Teams(1, ("a", "A"), ("b", "B"), ("c", "C")));
        var second = first.With(Teams(7, ("a", "A"), ("c", "other"), ("d", "D")));
        var edge = SnapshotImage.Empty.Read(first.ToJson());

        var difference = JsonDocument.Parse(second.DifferenceFrom(first)).RootElement;
        var after = edge.ReadDifference(second.DifferenceFrom(first))!;

        Assert.Equal(["format", "from", "version", "digest", "teams"], difference.EnumerateObject().Select(static p => p.Name));
        Assert.Equal(["c", "d"], difference.GetProperty("teams").GetProperty("changed").EnumerateArray().Select(static t => t.GetProperty("id").GetString()));
        Assert.Equal(["b"], difference.GetProperty("teams").GetProperty("removed").EnumerateArray().Select(static t => t.GetString()));
        Assert.Equal((second.Version, second.Digest), (after.Version, after.Digest));
        Assert.Equal(["a", "c", "d"], after.Snapshot.Teams.Select(static t => t.Id));
        Assert.Same(edge.Snapshot.Teams[0], after.Snapshot.Teams[0]);
        Assert.Same(edge.Snapshot.Keys, after.Snapshot.Keys);
    }

    [Fact]
    public void The_digest_knows_the_kind_of_an_entry_and_not_its_place()
    {
        var customer = SnapshotImage.Empty.With(new GatewaySnapshot { Version = 1, Customers = [new CustomerEntry { Id = "x", Name = "x" }] });
        var team = SnapshotImage.Empty.With(new GatewaySnapshot { Version = 1, Teams = [new TeamEntry { Id = "x", Name = "x" }] });
        Assert.NotEqual(customer.Digest, team.Digest);
        Assert.Equal(SnapshotImage.Empty.With(Teams(1, ("a", "A"), ("b", "B"))).Digest, SnapshotImage.Empty.With(Teams(2, ("b", "B"), ("a", "A"))).Digest);
    }

    [Fact]
    public void A_difference_from_elsewhere_leads_nowhere()
    {
        var first = SnapshotImage.Empty.With(Teams(1, ("a", "A")));
        var difference = first.With(Teams(2, ("a", "A"), ("b", "B"))).DifferenceFrom(first);
        Assert.Null(SnapshotImage.Empty.ReadDifference(difference));
        Assert.Null(SnapshotImage.Empty.With(Teams(1, ("a", "another"))).ReadDifference(difference));
        Assert.NotNull(first.ReadDifference(difference));
    }

    [Fact]
    public void Members_that_this_build_does_not_know_are_kept_in_the_text()
    {
        const string Later = """{"version":1,"later":[1],"teams":[{"id":"a","name":"A","later":{"x":1}}]}""";
        var image = SnapshotImage.Empty.Read(System.Text.Encoding.UTF8.GetBytes(Later));
        Assert.Contains("""{"id":"a","name":"A","later":{"x":1}}""", System.Text.Encoding.UTF8.GetString(image.ToJson()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"version":1,"teams":[null]}""")]
    [InlineData("""{"version":1,"teams":{}}""")]
    [InlineData("""{"version":"1"}""")]
    [InlineData("""{"version":1}{""")]
    [InlineData("""{"version":1,"teams":[{"id":"a"}""")]
    public void What_is_no_snapshot_is_an_error(string json) =>
        Assert.ThrowsAny<JsonException>(() => SnapshotImage.Empty.Read(System.Text.Encoding.UTF8.GetBytes(json)));

    private static GatewaySnapshot Teams(long version, params (string Id, string Name)[] teams) =>
        new() { Version = version, Teams = [.. teams.Select(static t => new TeamEntry { Id = t.Id, Name = t.Name })] };

    /// <summary>A value that is not the default: an entry with whatever it requires, or another setting.</summary>
    private static object Filled(Type type)
    {
        if (type == typeof(GatewaySettings))
        {
            return new GatewaySettings { MaxJsonDepth = 9 };
        }

        if (type == typeof(IReadOnlyDictionary<string, long>))
        {
            return new Dictionary<string, long> { ["x"] = 1 };
        }

        var entry = type.GetGenericArguments().Single();
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(entry))!;
        list.Add(Entry(entry));
        return list;
    }

    private static object Entry(Type type)
    {
        var entry = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties().Where(static p => p.CanWrite))
        {
            var value = property.PropertyType == typeof(string) ? "x"
                : property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? Array.CreateInstance(property.PropertyType.GetGenericArguments()[0], 0)
                : property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)
                    ? Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(property.PropertyType.GetGenericArguments()))
                : property.PropertyType.IsClass ? Entry(property.PropertyType)
                : null;
            if (value is not null)
            {
                property.SetValue(entry, value);
            }
        }

        return entry;
    }
}
