using Gateway.AppHost.Local.Stores;

namespace Gateway.AppHost.Tests.Local;

public sealed class UnprivilegedUserTests
{
    [Fact]
    public void Root_gives_postgres_to_the_user_of_that_name()
    {
        var user = UnprivilegedUser.ForRoot("/usr/bin/setpriv", ["root:x:0:0::/root:/bin/sh", "nobody:x:65534:65534::/:/bin/false", "postgres:x:101:104::/:/bin/sh"]);

        Assert.Equal(("postgres", 101u, 104u), (user.Name, user.UserId, user.GroupId));
        Assert.Equal(["/usr/bin/setpriv", "--reuid=101", "--regid=104", "--clear-groups", "--"], user.Prefix);
    }

    [Fact]
    public void Otherwise_to_nobody() =>
        Assert.Equal("nobody", UnprivilegedUser.ForRoot("/usr/bin/setpriv", ["nobody:x:65534:65534::/:/bin/false"]).Name);

    [Fact]
    public void Without_such_a_user_or_the_tool_it_says_why_not()
    {
        Assert.Contains("neither a user postgres nor nobody", UnprivilegedUser.ForRoot("/usr/bin/setpriv", ["root:x:0:0::/root:/bin/sh"]).Error, StringComparison.Ordinal);
        Assert.Contains("no setpriv", UnprivilegedUser.ForRoot(null, ["postgres:x:101:104::/:/bin/sh"]).Error, StringComparison.Ordinal);
    }
}
