// The Node SDK walks through the sandbox; every step is checked in its answer and on the phones.
const assert = require("node:assert/strict");
const { SolapiMessageService } = require("solapi");

const { SANDBOX_URL: base, PICTURE: picture } = process.env;
const sdk = new SolapiMessageService("NODEKEY", "NODESECRET");
const [FROM, CHANNEL] = ["0200002041", "KA01PF240101000000000NODEWALK000"];
const [HANA, NO_KAKAO] = ["01000001001", "01000003019"];
let after = 0;

async function desk(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers };
  const answer = await plainFetch(`${base}${path}`, { method, ...sent });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

// What arrived since the last time, as soon as it is `count` messages.
async function arrived(count) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await desk("GET", `/desk/api/received?after=${after}`);
    if (found.length >= count && count > 0) {
      after = found.at(-1).seq;
      assert.equal(found.length, count);
      return found;
    }
    await new Promise((done) => setTimeout(done, 25));
    if (count === 0 && tries === 8) return found;
  }
  throw new Error(`${count} messages did not arrive`);
}

async function until(happened) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await happened();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error("it did not happen");
}

async function refused(call, check) {
  try {
    await call();
  } catch (error) {
    check(error);
    return;
  }
  throw new Error("it was not refused");
}

const text = (to, more = {}) => ({ to, from: FROM, text: "안녕하세요", ...more });
const notice = (to, templateId, more = {}) => ({
  to, from: FROM, ...more,
  kakaoOptions: { pfId: CHANNEL, templateId, variables: { 이름: "하나", 주문: "17" } },
});

let templateId;
const steps = {
  async "a template is made and listed"() {
    const made = await sdk.createKakaoAlimtalkTemplate({
      channelId: CHANNEL, name: "출고", content: "#{이름}님, 상품이 출발했습니다.",
      categoryCode: "006001",
      buttons: [{ buttonName: "주문 보기", buttonType: "WL", linkMo: "https://shop.example/#{주문}" }],
    });
    templateId = made.templateId;
    assert.equal(made.status, "PENDING");
    assert.ok(made.dateCreated instanceof Date);
    await sdk.updateKakaoAlimtalkTemplateName(templateId, "출고 안내");
    const edited = await sdk.updateKakaoAlimtalkTemplate(templateId, {
      content: "#{이름}님, 상품이 막 출발했습니다.",
    });
    assert.equal(edited.name, "출고 안내");
    await desk("POST", `/desk/api/templates/${CHANNEL}/${templateId}/inspect`);
    const back = await sdk.cancelInspectionKakaoAlimtalkTemplate(templateId);
    assert.equal(back.status, "PENDING");
    await desk("POST", `/desk/api/templates/${CHANNEL}/${templateId}/approve`);
    const asked = { status: "APPROVED", name: "출고", startDate: new Date(Date.now() - 60_000) };
    const { templateList } = await sdk.getKakaoAlimtalkTemplates(asked);
    assert.deepEqual(templateList.map((one) => one.templateId), [templateId]);
    assert.deepEqual(templateList[0].variables, [{ name: "이름" }, { name: "주문" }]);
    assert.equal((await sdk.getKakaoAlimtalkTemplate(templateId)).buttons[0].buttonType, "WL");
    const spare = { ...made, name: "버릴 것" };
    const second = await sdk.createKakaoAlimtalkTemplate({
      channelId: CHANNEL, name: spare.name, content: "끝", categoryCode: "006001",
    });
    await sdk.removeKakaoAlimtalkTemplate(second.templateId);
    const left = await sdk.getKakaoAlimtalkTemplates();
    assert.equal(left.templateList.length, 1);
    assert.ok((await sdk.getKakaoAlimtalkTemplateCategories()).length > 0);
  },
  async "channels"() {
    const { channelList } = await sdk.getKakaoChannels();
    assert.deepEqual(channelList.map((one) => one.channelId), [CHANNEL]);
    assert.equal((await sdk.getKakaoChannel(CHANNEL)).searchId, "@nodeshop");
  },
  async "one Alimtalk arrives"() {
    const sent = await sdk.send(notice(HANA, templateId, { customFields: { ref: "n-1" } }), {
      showMessageList: true,
    });
    assert.equal(sent.groupInfo.count.registeredSuccess, 1);
    const { messageId, statusCode, customFields } = sent.messageList[0];
    assert.deepEqual([statusCode, customFields], ["2000", { ref: "n-1" }]);
    const [came] = await arrived(1);
    assert.deepEqual([came.app, came.reference], ["chat", "n-1"]);
    assert.equal(came.text, "하나님, 상품이 막 출발했습니다.");
    assert.equal(came.buttons[0].linkMo, "https://shop.example/17");
    const stored = (await sdk.getMessages({ messageId })).messageList[messageId];
    assert.deepEqual([stored.type, stored.statusCode], ["ATA", "4000"]);
  },
  async "a notice that fails is replaced by a text message"() {
    const sent = await sdk.send([notice(NO_KAKAO, templateId)]);
    const [came] = await arrived(1);
    assert.deepEqual([came.app, came.kind], ["sms", "sms"]);
    const { groupId } = sent.groupInfo;
    const group = await until(async () => {
      const found = await sdk.getGroup(groupId);
      return found.status === "COMPLETE" && found;
    });
    assert.deepEqual([group.count.sentReplacement, group.count.sentSuccess], [1, 1]);
    const [stored] = Object.values((await sdk.getGroupMessages(groupId)).messageList);
    assert.deepEqual([stored.statusCode, stored.replacement], ["4000", true]);
  },
  async "many, one of them twice"() {
    const sent = await sdk.send([text(HANA), text(HANA), text("010-0000-1002")]);
    assert.deepEqual(sent.failedMessageList.map((one) => one.statusCode), ["1026"]);
    assert.equal((await arrived(2)).length, 2);
    await sdk.send([text(HANA), text(HANA)], { allowDuplicates: true });
    await arrived(2);
  },
  async "all refused"() {
    await refused(
      () => sdk.send([text(HANA, { from: "0299999999" })]),
      (error) => {
        assert.equal(error._tag, "MessageNotReceivedError");
        assert.equal(error.failedMessageList[0].statusCode, "1062");
      },
    );
    await arrived(0);
  },
  async "scheduled and cancelled"() {
    const sent = await sdk.send(text(HANA), { scheduledDate: new Date(Date.now() + 3_600_000) });
    assert.equal(sent.groupInfo.status, "SCHEDULED");
    const group = await sdk.removeReservationToGroup(sent.groupInfo.groupId);
    assert.equal(group.status, "FAILED");
    await arrived(0);
  },
  async "a group is filled, thinned out and sent"() {
    const groupId = await sdk.createGroup();
    const added = await sdk.addMessagesToGroup(groupId, [text(HANA), text("01000001003")]);
    assert.equal(Number(added.errorCount), 0);
    const gone = await sdk.removeGroupMessages(groupId, [added.resultList[1].messageId]);
    assert.equal(gone.resultList[0].resultCode, "Success");
    await sdk.sendGroup(groupId);
    assert.equal((await arrived(1))[0].number, HANA);
    const { groupList } = await sdk.getGroups({ groupId });
    assert.deepEqual(Object.keys(groupList), [groupId]);
    await refused(() => sdk.sendGroup(groupId), (error) => {
      assert.equal(error.errorCode, "AlreadySent");
      assert.equal(error.httpStatus, 409);
    });
  },
  async "a group is reserved, cancelled and deleted"() {
    const groupId = await sdk.createGroup();
    await sdk.addMessagesToGroup(groupId, text(HANA));
    const reserved = await sdk.reserveGroup(groupId, new Date(Date.now() + 3_600_000));
    assert.equal(reserved.status, "SCHEDULED");
    await refused(() => sdk.addMessagesToGroup(groupId, text(HANA)), (error) =>
      assert.equal(error.errorCode, "ScheduledGroup"));
    await sdk.removeReservationToGroup(groupId);
    assert.equal((await sdk.removeGroup(groupId)).status, "DELETED");
    await arrived(0);
  },
  async "lists by filter and page by page"() {
    const startDate = new Date(Date.now() - 60_000);
    const asked = { statusCode: "4000", to: HANA, startDate, limit: 2 };
    const first = await sdk.getMessages(asked);
    assert.equal(Object.keys(first.messageList).length, 2);
    const rest = await sdk.getMessages({ ...asked, startKey: first.nextKey });
    const both = new Set([...Object.keys(first.messageList), ...Object.keys(rest.messageList)]);
    assert.equal(both.size, 4);
    const messageIds = [...both].slice(0, 3);
    const found = await sdk.getMessages({ messageIds, limit: 100 });
    assert.deepEqual(new Set(Object.keys(found.messageList)), new Set(messageIds));
    const notices = await sdk.getMessages({ type: "ATA" });
    assert.equal(Object.keys(notices.messageList).length, 2);
  },
  async "balance and statistics"() {
    const { balance } = await sdk.getBalance();
    const { total, successed, balance: spent } = await sdk.getStatistics();
    assert.equal(total.total, successed.total);
    assert.equal(balance, 1_000_000 - spent);
    assert.equal(total.ata, 2);
  },
  async "an uploaded picture goes out as MMS"() {
    const { fileId } = await sdk.uploadFile(picture, "MMS");
    await sdk.send(text(HANA, { imageId: fileId }));
    assert.equal((await arrived(1))[0].kind, "mms");
  },
  async "a wrong key and a wrong secret"() {
    for (const [key, secret, code] of [
      ["NOBODY", "NODESECRET", "InvalidAPIKey"],
      ["NODEKEY", "WRONG", "SignatureDoesNotMatch"],
    ]) {
      await refused(() => new SolapiMessageService(key, secret).getBalance(), (error) =>
        assert.equal(error.errorCode, code));
    }
  },
  async "503 is tried again at once, and then it arrives"() {
    await chaos({ effect: "http_status", status: 503, count: 2 });
    await sdk.send(text(HANA));
    await arrived(1);
  },
  async "503 after acceptance sends as often as it is tried"() {
    await chaos({ effect: "http_status", status: 503, accepted: true });
    await refused(() => sdk.send(text(HANA)), (error) =>
      assert.equal(error.errorCode, "RequestFailedAfterRetryError"));
    await arrived(4);
    await desk("DELETE", "/desk/api/chaos");
  },
};

function chaos(rule) {
  return desk("PUT", "/desk/api/chaos", { rules: [{ provider: "solapi", ...rule }] });
}

async function main() {
  await desk("PUT", "/desk/api/accounts/solapi/NODEKEY", {
    api_secret: "NODESECRET", caller_numbers: [FROM],
    senders: [{ sender_key: CHANNEL, channel_id: "@nodeshop", name: "노드 상회" }],
  });
  const [newest] = (await desk("GET", "/desk/api/received?after=0")).slice(-1);
  after = newest ? newest.seq : 0;
  for (const [name, step] of Object.entries(steps)) {
    await step();
    console.log(`node    ok  ${name}`);
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
