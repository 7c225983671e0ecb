using Gateway.AppHost.Fake;

// One program, two roles: "host ..." runs the local process host on a topology of fakes, and each fake is this program again.
if (args is ["host", ..])
{
    await FakeHost.RunAsync(args[1..]);
}
else
{
    await FakeService.RunAsync();
}
